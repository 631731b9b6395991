// Strict readers of what reporters write, from the descriptions of the formats: they refuse what a lenient one lets through.

export interface KtapTest {
  readonly ok: boolean;
  readonly name: string;
  readonly skipped: string | null;
  readonly notes: readonly string[];
}

/**
 * The flat part of KTAP 1 as Documentation/dev-tools/ktap.rst has it, with the two patterns by which kunit_parser.py knows a
 * result and a skipped one. Diagnostics belong to the result behind them.
 */
export function readKtap(text: string): KtapTest[] {
  const [version, plan = '', ...lines] = text.replace(/\n$/, '').split('\n');
  if (version !== 'KTAP version 1') throw new Error(`not a version line: ${version}`);
  const planned = Number(/^1\.\.(\d+)$/.exec(plan)?.[1]);
  const tests: KtapTest[] = [];
  let notes: string[] = [];
  for (const line of lines) {
    if (line.startsWith('# ') && !line.startsWith('# Subtest:')) {
      notes.push(line.slice(2));
      continue;
    }
    const [, result, number, , name = ''] = /^(ok|not ok) ([0-9]+) (- )?([^#]*)( # .*)?$/.exec(line) ?? [];
    if (result === undefined) throw new Error(`not a result: ${line}`);
    if (Number(number) !== tests.length + 1) throw new Error(`out of order: ${line}`);
    const skip = /^(ok|not ok) ([0-9]+) (- )?(.*) # SKIP ?(.*)$/.exec(line);
    tests.push({ ok: result === 'ok', name: (skip?.[4] ?? name).trim(), skipped: skip?.[5] ?? null, notes });
    notes = [];
  }
  if (tests.length !== planned) throw new Error(`${planned} planned, ${tests.length} run`);
  return tests;
}

export interface Element {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly Element[];
  readonly text: string;
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"' };

function unescaped(text: string): string {
  if (/[<]/.test(text)) throw new Error(`a bare < in ${text}`);
  return text.replace(/&(\w*);?/g, (whole, name: string) => {
    const value = ENTITIES[name];
    if (value === undefined || !whole.endsWith(';')) throw new Error(`not an entity: ${whole}`);
    return value;
  });
}

/** One well-formed document (XML 1.0) of elements, attributes in double quotes, text and the four entities. */
export function readXml(document: string): Element {
  const head = '<?xml version="1.0" encoding="UTF-8"?>\n';
  if (!document.startsWith(head)) throw new Error('no XML declaration');
  const tokens =
    document
      .slice(head.length)
      .trim()
      .match(/<[^>]*>|[^<]+/g) ?? [];
  const open: { name: string; attributes: Map<string, string>; children: Element[]; text: string }[] = [
    { name: '', attributes: new Map(), children: [], text: '' },
  ];
  for (const token of tokens) {
    const inner = open.at(-1);
    if (inner === undefined) throw new Error('something stands behind the end');
    const [, close] = /^<\/([\w-]+)>$/.exec(token) ?? [];
    const [, name, list = '', empty] = /^<([\w-]+)((?: [\w-]+="[^"<]*")*)(\/?)>$/.exec(token) ?? [];
    if (!token.startsWith('<')) inner.text += unescaped(token);
    else if (close !== undefined) {
      if (close !== inner.name) throw new Error(`${token} closes ${inner.name}`);
      open.pop();
      open.at(-1)?.children.push(inner);
    } else if (name !== undefined) {
      const pairs = [...list.matchAll(/ ([\w-]+)="([^"]*)"/g)];
      const attributes = new Map(pairs.map(([, key = '', value = '']) => [key, unescaped(value)]));
      if (attributes.size !== pairs.length) throw new Error(`an attribute twice in ${token}`);
      const element = { name, attributes, children: [], text: '' };
      if (empty === '/') inner.children.push(element);
      else open.push(element);
    } else throw new Error(`not a tag: ${token}`);
  }
  const [root] = open;
  const [only, ...more] = root?.children ?? [];
  if (open.length !== 1 || only === undefined || more.length > 0) throw new Error('not one element');
  return only;
}
