// What modules export, what others take from them, and what they use themselves.
import { dirname, join } from 'node:path';
import ts from 'typescript';
import { placeOf, walk } from './source.js';

export interface Exported {
  readonly name: string;
  readonly place: string;
  /** Its own file names it a second time, outside of its declaration. */
  readonly usedHere: boolean;
}

const ALL = '*';

function isExported(node: ts.Node): boolean {
  return (
    ts.canHaveModifiers(node) &&
    (ts.getModifiers(node) ?? []).some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)
  );
}

/** The identifiers that a statement declares. */
function declaredBy(statement: ts.Statement): ts.Identifier[] {
  if (ts.isVariableStatement(statement))
    return statement.declarationList.declarations.flatMap(({ name }) => identifiersIn(name));
  const declares =
    ts.isFunctionDeclaration(statement) ||
    ts.isClassDeclaration(statement) ||
    ts.isInterfaceDeclaration(statement) ||
    ts.isTypeAliasDeclaration(statement) ||
    ts.isEnumDeclaration(statement);
  return declares && statement.name !== undefined ? [statement.name] : [];
}

function identifiersIn(name: ts.BindingName): ts.Identifier[] {
  if (ts.isIdentifier(name)) return [name];
  return name.elements.flatMap((element) =>
    ts.isOmittedExpression(element) ? [] : identifiersIn(element.name),
  );
}

/** The names that a file declares and exports there; what it passes on from other files is theirs. */
export function exportsOf(source: ts.SourceFile): Exported[] {
  const uses = (declaration: ts.Statement, name: string): boolean =>
    source.statements.some((statement) => statement !== declaration && names(statement, name));
  return source.statements.filter(isExported).flatMap((statement) =>
    declaredBy(statement).map((identifier) => ({
      name: identifier.text,
      place: placeOf(source, identifier),
      usedHere: uses(statement, identifier.text),
    })),
  );
}

function names(statement: ts.Statement, name: string): boolean {
  let found = false;
  walk(statement, (node) => {
    if (ts.isIdentifier(node) && node.text === name) found = true;
  });
  return found;
}

/** 'path name' for every name that a file takes from another one of the project; 'path *' for all of them. */
export function takenBy(source: ts.SourceFile): string[] {
  const taken: string[] = [];
  const take = (specifier: ts.Node | undefined, wanted: readonly string[]): void => {
    if (specifier === undefined || !ts.isStringLiteral(specifier) || !specifier.text.startsWith('.')) return;
    // The benchmarks take what was built.
    const path = join(dirname(source.fileName), specifier.text)
      .replace(/\.js$/, '.ts')
      .replace(/^dist\//, 'src/');
    taken.push(...wanted.map((name) => `${path} ${name}`));
  };
  walk(source, (node) => {
    if (ts.isImportDeclaration(node)) take(node.moduleSpecifier, wantedOf(node.importClause?.namedBindings));
    else if (ts.isExportDeclaration(node)) take(node.moduleSpecifier, wantedOf(node.exportClause ?? ALL));
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
      take(node.arguments[0], [ALL]);
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument))
      take(node.argument.literal, [node.qualifier?.getText(source).split('.')[0] ?? ALL]);
  });
  return taken;
}

function wantedOf(
  clause: ts.NamedImportBindings | ts.NamedExportBindings | typeof ALL | undefined,
): string[] {
  if (clause === undefined) return [];
  if (clause === ALL || ts.isNamespaceImport(clause) || ts.isNamespaceExport(clause)) return [ALL];
  return clause.elements.map(({ propertyName, name }) => (propertyName ?? name).text);
}
