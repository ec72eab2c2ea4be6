/** The small JSON files of a report, taken from report.json's own numbers. */

import type { LayerReport, Report } from '../../../protocol/report';

/** A layer's `stats.json`: shapes, the raw CAM of each method, the activation. */
export function layerStats(layer: LayerReport): unknown {
  const { mean, std, min, max, zeros, nan, inf } = layer.activation;
  return {
    layer: layer.name,
    operator: layer.operator,
    activation_shape: layer.shape,
    // A gradient has the shape of what it is the gradient of.
    gradient_shape: layer.shape,
    activation: { mean, std, min, max, zeros, nan, inf },
    cams: layer.heatmaps.map(({ method, cam, negative, blank }) => ({ method, ...cam, negative, blank })),
    health: layer.health,
  };
}

/** `steps/d_classifier/classifier.json`. */
export function classifierStats(report: Pick<Report, 'classifier' | 'target'>): unknown {
  const { labels, logits, probabilities, predicted, confidence } = report.classifier;
  return {
    logits,
    probabilities,
    labels,
    predicted_index: predicted.index,
    predicted_label: predicted.label,
    class_confidence: confidence,
    target_index: report.target.index,
    target_label: report.target.label,
  };
}
