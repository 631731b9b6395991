// Mutants of the kernel model: in each file of src/kernel/signal and src/kernel/entry one operator, condition, number,
// statement or result is another one. SOURCE of the kinds: the usual mutation operators (statement deletion, relational and
// logical operator, constant and return value replacement), on the compiler's own syntax tree.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const FOLDERS = ['src/kernel/signal', 'src/kernel/entry'];
export const PER_FILE = 10;

const OTHER = {
  '===': '!==',
  '!==': '===',
  '<': '<=',
  '<=': '<',
  '>': '>=',
  '>=': '>',
  '&&': '||',
  '||': '&&',
  '&': '|',
  '|': '&',
  '+': '-',
  '-': '+',
};

/** What a node can be replaced by: texts. */
function replacements(node, text) {
  if (ts.isBinaryExpression(node)) {
    const other = OTHER[node.operatorToken.getText()];
    return other === undefined ? [] : [`${text(node.left)} ${other} ${text(node.right)}`];
  }
  if (ts.isPrefixUnaryExpression(node)) {
    const { operator } = node;
    const drops = operator === ts.SyntaxKind.ExclamationToken || operator === ts.SyntaxKind.TildeToken;
    return drops ? [text(node.operand)] : [];
  }
  if (ts.isConditionalExpression(node))
    return [`${text(node.condition)} ? ${text(node.whenFalse)} : ${text(node.whenTrue)}`];
  if (ts.isNumericLiteral(node)) return [String(Number(node.text) + 1)];
  if (ts.isExpressionStatement(node) || ts.isContinueStatement(node)) return [';'];
  if (ts.isReturnStatement(node)) {
    if (node.expression === undefined) return [';'];
    if (node.expression.kind === ts.SyntaxKind.TrueKeyword) return ['return false;'];
    if (node.expression.kind === ts.SyntaxKind.FalseKeyword) return ['return true;'];
  }
  return [];
}

/** The function, or the name of the constant, that a node stands in. */
function ownerOf(node) {
  for (let at = node; at !== undefined; at = at.parent) {
    if (ts.isFunctionDeclaration(at)) return at.name?.text ?? '';
    if (ts.isVariableDeclaration(at) && ts.isSourceFile(at.parent.parent.parent)) return at.name.getText();
  }
  return '';
}

const oneLine = (text) => {
  const line = text.replace(/\s+/g, ' ');
  return line.length <= 70 ? line : `${line.slice(0, 67)}...`;
};

/** Of a chain of operators only the one, with what stands behind it. */
function shown(node, made, text) {
  if (made === ';') return `${oneLine(text(node))} → deleted`;
  const chained = ts.isBinaryExpression(node) && ts.isBinaryExpression(node.left);
  if (!chained) return `${oneLine(text(node))} → ${oneLine(made)}`;
  const operator = node.operatorToken.getText();
  return `… ${operator} ${oneLine(text(node.right))} → … ${OTHER[operator]} ${oneLine(text(node.right))}`;
}

/** Every mutant of a source: a name that no other one has, and the source that it is. */
export function mutantsOf(path, source) {
  const file = ts.createSourceFile(path, source, ts.ScriptTarget.ES2023, true);
  const text = (node) => node.getText(file);
  const found = [];
  const times = new Map();
  const visit = (node) => {
    if (ts.isTypeNode(node) || ts.isImportDeclaration(node) || ts.isInterfaceDeclaration(node)) return;
    for (const made of replacements(node, text)) {
      const base = `${ownerOf(node)}: ${shown(node, made, text)}`;
      const nth = (times.get(base) ?? 0) + 1;
      times.set(base, nth);
      const changed = source.slice(0, node.getStart(file)) + made + source.slice(node.getEnd());
      found.push({ name: nth === 1 ? base : `${base} (${nth})`, source: changed });
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

/** Ten of a file that has more: those whose names have the lowest hashes, so that a change elsewhere changes no choice. */
function chosen(path, all) {
  const hashOf = ({ name }) => createHash('sha256').update(`${path} ${name}`).digest('hex');
  const kept = new Set(
    all
      .map((one) => [hashOf(one), one])
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .slice(0, PER_FILE)
      .map(([, one]) => one),
  );
  return all.filter((one) => kept.has(one));
}

/** In the order of the files' names: {path, name, source}. */
export function kernelMutants() {
  return FOLDERS.flatMap((folder) =>
    readdirSync(`${ROOT}${folder}`)
      .sort()
      .flatMap((file) => {
        const path = `${folder}/${file}`;
        const all = mutantsOf(path, readFileSync(`${ROOT}${path}`, 'utf8'));
        return chosen(path, all).map((one) => ({ path, ...one }));
      }),
  );
}

/** The module as the build would make it. */
export function compiled(source) {
  const compilerOptions = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2023 };
  return ts.transpileModule(source, { compilerOptions }).outputText;
}
