"""Writes test/golden/evaluation/metrics.json: scikit-learn's metrics, SciPy's assignment and cleanlab's suspects of seeded sets."""
import json
import warnings
from importlib.metadata import version
from pathlib import Path

import numpy as np
from cleanlab.count import compute_confident_joint, get_confident_thresholds
from cleanlab.filter import find_label_issues
from scipy.optimize import linear_sum_assignment
from sklearn import metrics
from sklearn.calibration import calibration_curve

warnings.filterwarnings("ignore")
BINS = 15


def softmax(logits):
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def case(name, labels, p):
    """@param p (rows, classes), rows sum to 1"""
    classes = p.shape[1]
    every = list(range(classes))
    predicted = p.argmax(axis=1)
    precision, recall, f1, support = metrics.precision_recall_fscore_support(
        labels, predicted, labels=every, zero_division=np.nan
    )
    ranked = []
    for k in every:
        y = (labels == k).astype(int)
        if y.min() == y.max():
            ranked.append(None)
            continue
        fpr, tpr, _ = metrics.roc_curve(y, p[:, k], drop_intermediate=False)
        pr, rc, _ = metrics.precision_recall_curve(y, p[:, k])
        ranked.append(
            {
                "auc": metrics.roc_auc_score(y, p[:, k]),
                "averagePrecision": metrics.average_precision_score(y, p[:, k]),
                "fpr": fpr.tolist(),
                "tpr": tpr.tolist(),
                "precision": pr[::-1].tolist(),
                "recall": rc[::-1].tolist(),
            }
        )
    confidence = p.max(axis=1)
    right = (predicted == labels).astype(int)
    share, mean = calibration_curve(right, confidence, n_bins=BINS)
    bins = np.searchsorted(np.linspace(0, 1, BINS + 1)[1:-1], confidence)
    counts = np.bincount(bins, minlength=BINS)
    filled = counts[counts > 0]
    matrix = metrics.confusion_matrix(labels, predicted, labels=every)
    _, columns = linear_sum_assignment(matrix.T, maximize=True)
    joint = compute_confident_joint(labels, p, calibrate=False)
    none = lambda values: [None if np.isnan(v) else v for v in values.tolist()]
    return {
        "name": name,
        "labels": labels.tolist(),
        "probabilities": p.tolist(),
        "accuracy": metrics.accuracy_score(labels, predicted),
        "topFive": metrics.top_k_accuracy_score(labels, p, k=5, labels=every) if classes > 5 else None,
        "precision": none(precision),
        "recall": none(recall),
        "f1": none(f1),
        "support": support.tolist(),
        "confusion": matrix.tolist(),
        "ranked": ranked,
        "logLoss": metrics.log_loss(labels, p, labels=every),
        "brier": metrics.brier_score_loss(labels, p if classes > 2 else p[:, 1], labels=every),
        "calibration": {"accuracy": share.tolist(), "confidence": mean.tolist(), "count": filled.tolist()},
        "ece": float((filled / len(labels) * np.abs(share - mean)).sum()),
        "assignment": {"columns": columns.tolist(), "right": int(matrix.T[np.arange(classes), columns].sum())},
        # Of classes without rows cleanlab takes 2, which nothing reaches.
        "thresholds": [None if t >= 2 else t for t in get_confident_thresholds(labels, p).tolist()],
        "joint": joint.tolist(),
        "suspects": np.flatnonzero(
            find_label_issues(labels, p, filter_by="confident_learning", min_examples_per_class=0, n_jobs=1)
        ).tolist(),
    }


def noisy(rng, rows, classes, strength, noise):
    truth = rng.integers(0, classes, rows)
    p = softmax(rng.normal(size=(rows, classes)) + strength * np.eye(classes)[truth])
    labels = np.where(rng.random(rows) < noise, rng.integers(0, classes, rows), truth)
    labels[:classes] = np.arange(classes)
    return labels, p


def main():
    rng = np.random.default_rng(20261126)
    cases = [
        case("two classes", *noisy(rng, 90, 2, 2.0, 0.1)),
        case("four classes, one in ten labels wrong", *noisy(rng, 120, 4, 3.0, 0.1)),
        case("seven classes, barely better than chance", *noisy(rng, 80, 7, 0.5, 0.3)),
    ]
    labels, p = noisy(rng, 60, 3, 2.0, 0.1)
    ties = np.round(p, 1)
    ties[:, 2] = 1 - ties[:, 0] - ties[:, 1]
    cases.append(case("ties", labels, np.abs(ties)))
    labels, p = noisy(rng, 60, 3, 2.0, 0.1)
    cases.append(case("outputs in another order", labels, p[:, [2, 0, 1]]))
    sure = np.eye(3)[rng.integers(0, 3, 30)]
    cases.append(case("probabilities of 0 and 1", rng.integers(0, 3, 30), sure))
    made = {"made": {n: version(n) for n in ("scikit-learn", "cleanlab", "numpy", "scipy")}, "cases": cases}
    path = Path(__file__).resolve().parents[2] / "golden" / "evaluation" / "metrics.json"
    path.write_text(json.dumps(made) + "\n")
    print(path, path.stat().st_size)


main()
