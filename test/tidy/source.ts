// TypeScript sources as the compiler sees them, and what the house rules ask of them.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';

export interface Import {
  /** Path from the project's root, without extension. */
  readonly path: string;
  readonly typeOnly: boolean;
  readonly line: number;
}

export function parse(path: string): ts.SourceFile {
  return ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.ES2023, true);
}

export function walk(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node);
  ts.forEachChild(node, (child) => walk(child, visit));
}

/** 'path:line' of a node, from 1. */
export function placeOf(source: ts.SourceFile, node: ts.Node): string {
  return `${source.fileName}:${source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1}`;
}

function importsNothingAtRunTime(node: ts.ImportDeclaration | ts.ExportDeclaration): boolean {
  if (ts.isExportDeclaration(node)) {
    const clause = node.exportClause;
    const all =
      clause !== undefined && ts.isNamedExports(clause) && clause.elements.every((e) => e.isTypeOnly);
    return node.isTypeOnly || all;
  }
  const clause = node.importClause;
  if (clause === undefined) return false;
  if (clause.isTypeOnly) return true;
  const named = clause.namedBindings;
  return (
    clause.name === undefined &&
    named !== undefined &&
    ts.isNamedImports(named) &&
    named.elements.every((e) => e.isTypeOnly)
  );
}

/** Relative imports and re-exports of a file, dynamic ones included. */
export function relativeImports(source: ts.SourceFile): Import[] {
  const found: Import[] = [];
  const add = (node: ts.Node, specifier: ts.Expression | undefined, typeOnly: boolean): void => {
    if (specifier === undefined || !ts.isStringLiteral(specifier) || !specifier.text.startsWith('.')) return;
    const path = join(dirname(source.fileName), specifier.text).replace(/\.js$/, '');
    found.push({
      path,
      typeOnly,
      line: source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1,
    });
  };
  walk(source, (node) => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) {
      add(node, node.moduleSpecifier, importsNothingAtRunTime(node));
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      add(node, node.arguments[0], false);
    } else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
      const { literal } = node.argument;
      add(node, ts.isStringLiteral(literal) ? literal : undefined, true);
    }
  });
  return found;
}

/** Functions with a body and their length in lines, the outermost lines included. */
export function functionLengths(source: ts.SourceFile): { readonly place: string; readonly lines: number }[] {
  const found: { place: string; lines: number }[] = [];
  walk(source, (node) => {
    if (!ts.isFunctionLike(node) || !('body' in node) || node.body === undefined) return;
    const line = (at: number): number => source.getLineAndCharacterOfPosition(at).line;
    found.push({
      place: placeOf(source, node),
      lines: line(node.getEnd()) - line(node.getStart(source)) + 1,
    });
  });
  return found;
}

/** Places with what the compiler can't check for: default exports, any, and the non-null operator. */
export function forbidden(source: ts.SourceFile): string[] {
  const found: string[] = [];
  walk(source, (node) => {
    const say = (what: string): number => found.push(`${placeOf(source, node)}: ${what}`);
    if (node.kind === ts.SyntaxKind.AnyKeyword) say('any');
    if (ts.isNonNullExpression(node)) say('non-null !');
    if (ts.isExportAssignment(node) && node.isExportEquals !== true) say('default export');
    if (node.kind === ts.SyntaxKind.DefaultKeyword && !ts.isDefaultClause(node.parent)) say('default export');
    if (ts.isExportSpecifier(node) && node.name.text === 'default') say('default export');
  });
  return found;
}
