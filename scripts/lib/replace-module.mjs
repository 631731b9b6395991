// A hook of Node's module loader: one module of the build is another text. SOURCE: Node's documentation, node:module,
// "Customization Hooks".
let replaced;

export function initialize(data) {
  replaced = data;
}

export async function load(url, context, nextLoad) {
  if (url === replaced.url) return { format: 'module', source: replaced.source, shortCircuit: true };
  return nextLoad(url, context);
}
