/** What modules of the extension find of the editor in tests outside of it: its texts in English. */
const t = (text, ...values) =>
  text.replace(/\{(\d+)\}/g, (hole, index) => String(values[Number(index)] ?? hole));
module.exports = { l10n: { t, bundle: undefined }, env: { language: 'en' } };
