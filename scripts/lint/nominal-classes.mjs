/**
 * A lint rule: every class has a private member. Without one, TypeScript takes whatever has the same fields for an instance of it, and
 * `instanceof` fails at run time. Subclasses are not asked, since what they inherit is not seen here.
 */
const isClosed = ({ accessibility }) => accessibility === 'private' || accessibility === 'protected';

const isNominal = (member) =>
  member.type === 'MethodDefinition' && member.kind === 'constructor'
    ? member.value.params.some(isClosed)
    : !member.static && (isClosed(member) || member.key?.type === 'PrivateIdentifier');

const create = (context) => ({
  ClassBody({ parent, body }) {
    if (parent.superClass === null && !body.some(isNominal))
      context.report({
        node: parent,
        message:
          'Whatever has the same fields passes for an instance of this class. Make a member private, or add `declare private readonly nominal: never`.',
      });
  },
});

export default { meta: { name: 'own' }, rules: { 'nominal-classes': { create } } };
