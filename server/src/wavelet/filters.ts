/** Low-pass decomposition filters of the orthogonal wavelets on offer. */

/**
 * Daubechies' extremal phase (db), least asymmetric (sym) and coiflet (coif) filters, in PyWavelets' order and with its
 * digits (`pywt.Wavelet(name).dec_lo`, PyWavelets 1.8; I. Daubechies, Ten Lectures on Wavelets, tables 6.1 and 6.3).
 * Each adds up to sqrt(2), so that two dimensions have a gain of 2.
 */
const LOW_PASS = {
  haar: [0.7071067811865476, 0.7071067811865476],
  db2: [-0.12940952255126037, 0.2241438680420134, 0.8365163037378079, 0.48296291314453416],
  db3: [
    0.03522629188570953, -0.08544127388202666, -0.13501102001025458, 0.45987750211849154, 0.8068915093110925,
    0.33267055295008263,
  ],
  db4: [
    -0.010597401785069032, 0.0328830116668852, 0.030841381835560764, -0.18703481171909309,
    -0.027983769416859854, 0.6308807679298589, 0.7148465705529157, 0.2303778133088965,
  ],
  sym2: [-0.12940952255092145, 0.22414386804185735, 0.836516303737469, 0.48296291314469025],
  sym3: [
    0.035226291882100656, -0.08544127388224149, -0.13501102001039084, 0.4598775021193313, 0.8068915093133388,
    0.3326705529509569,
  ],
  sym4: [
    -0.07576571478927333, -0.02963552764599851, 0.49761866763201545, 0.8037387518059161, 0.29785779560527736,
    -0.09921954357684722, -0.012603967262037833, 0.0322231006040427,
  ],
  sym5: [
    0.027333068345077982, 0.029519490925774643, -0.039134249302383094, 0.1993975339773936, 0.7234076904024206,
    0.6339789634582119, 0.01660210576452232, -0.17532808990845047, -0.021101834024758855,
    0.019538882735286728,
  ],
  coif1: [
    -0.015655728135791993, -0.07273261951252645, 0.3848648468648578, 0.8525720202116004, 0.3378976624574818,
    -0.07273261951252645,
  ],
} as const;

export type WaveletName = keyof typeof LOW_PASS;

export interface FilterBank {
  readonly low: Float64Array;
  /** The quadrature mirror of `low`: high[k] = (-1)^(k+1) low[L-1-k]. */
  readonly high: Float64Array;
}

export const WAVELET_NAMES: readonly WaveletName[] = Object.freeze(Object.keys(LOW_PASS) as WaveletName[]);

export function isWaveletName(name: string): name is WaveletName {
  return Object.hasOwn(LOW_PASS, name);
}

export function filterBank(name: WaveletName): FilterBank {
  const low = Float64Array.from(LOW_PASS[name]);
  const high = low.map((_, k) => (k % 2 === 0 ? -1 : 1) * (low[low.length - 1 - k] as number));
  return { low, high };
}
