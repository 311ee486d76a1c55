import { eachNode, type Node, type Source } from './sources.ts'

const textOf = ({ text }: Source, { start, end }: Node): string => text.slice(start, end).replace(/\s+/g, ' ')

/** What is put into the templates of a file and is neither text of ours nor what one of these functions returns. */
export function unguarded(
  source: Source,
  guards: ReadonlySet<string>,
  isPlace: (template: string) => boolean,
): string[] {
  const found = new Set<string>()
  eachNode(source.program, (node) => {
    if (node.type !== 'TemplateLiteral' || !isPlace(textOf(source, node))) return
    for (const expression of node.expressions as Node[])
      for (const part of partsOf(expression)) if (!isGuarded(part, guards)) found.add(textOf(source, part))
  })
  return [...found]
}

/** Of what depends on a condition each of what it can be. */
function partsOf(node: Node): Node[] {
  if (node.type === 'ConditionalExpression')
    return [node.consequent, node.alternate].flatMap((it) => partsOf(it as Node))
  if (node.type === 'LogicalExpression') return [node.left, node.right].flatMap((it) => partsOf(it as Node))
  if (node.type === 'ParenthesizedExpression') return partsOf(node.expression as Node)
  return [node]
}

function isGuarded(node: Node, guards: ReadonlySet<string>): boolean {
  // Templates are places of their own.
  if (node.type === 'Literal' || node.type === 'TemplateLiteral') return true
  if (node.type !== 'CallExpression') return false
  const callee = node.callee as Node & {
    readonly name?: string
    readonly object?: Node
    readonly property?: { readonly name?: string }
  }
  if (callee.name !== undefined) return guards.has(callee.name)
  const [argument] = node.arguments as (Node & { readonly name?: string; readonly body?: Node })[]
  switch (callee.property?.name) {
    case 'map':
      return argument?.type === 'Identifier'
        ? guards.has(argument.name ?? '')
        : partsOf(argument?.body as Node).every((it) => isGuarded(it, guards))
    case 'join':
    case 'slice':
      return isGuarded(callee.object as Node, guards)
    case 'toFixed':
    case 'toLocaleString':
    case 'toISOString':
      return true
    default:
      return false
  }
}

/** Where a file speaks to the streams of the process, or to whoever watches the console. */
export function streamsIn(source: Source): string[] {
  const found = new Set<string>()
  eachNode(source.program, (node) => {
    if (node.type !== 'MemberExpression') return
    const text = textOf(source, node)
    if (/^(?:process\.(?:stdout|stderr)|console\.\w+)$/.test(text)) found.add(text)
  })
  return [...found]
}
