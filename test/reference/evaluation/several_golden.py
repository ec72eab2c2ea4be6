"""Writes test/golden/evaluation/several.json: scikit-learn's metrics of pictures with several labels, of seeded sets."""
import json
import warnings
from importlib.metadata import version
from pathlib import Path

import numpy as np
from sklearn import metrics

warnings.filterwarnings("ignore")
THRESHOLD = 0.4


def case(name, y, p):
    """@param y (rows, classes) 0 or 1 @param p probabilities, each by itself"""
    predicted = (p > THRESHOLD).astype(int)
    scores = {}
    for average in ("micro", "macro", None):
        precision, recall, f1, support = metrics.precision_recall_fscore_support(
            y, predicted, average=average, zero_division=np.nan
        )
        scores[str(average)] = {"precision": plain(precision), "recall": plain(recall), "f1": plain(f1)}
    both = [k for k in range(y.shape[1]) if 0 < y[:, k].sum() < len(y)]
    ranked = []
    for k in range(y.shape[1]):
        if k not in both:
            ranked.append(None)
            continue
        fpr, tpr, _ = metrics.roc_curve(y[:, k], p[:, k], drop_intermediate=False)
        pr, rc, _ = metrics.precision_recall_curve(y[:, k], p[:, k])
        ranked.append(
            {
                "auc": metrics.roc_auc_score(y[:, k], p[:, k]),
                "averagePrecision": metrics.average_precision_score(y[:, k], p[:, k]),
                **{"fpr": fpr.tolist(), "tpr": tpr.tolist(), "precision": pr[::-1].tolist(), "recall": rc[::-1].tolist()},
            }
        )
    return {
        **{"name": name, "labels": [np.flatnonzero(row).tolist() for row in y], "probabilities": p.tolist()},
        "subset": metrics.accuracy_score(y, predicted),
        "hamming": metrics.hamming_loss(y, predicted),
        **{"scores": scores, "ranked": ranked},
        # Of the classes for which they are defined.
        "macroAveragePrecision": metrics.average_precision_score(y[:, both], p[:, both], average="macro"),
        "macroAuc": metrics.roc_auc_score(y[:, both], p[:, both], average="macro"),
        "microAveragePrecision": metrics.average_precision_score(y, p, average="micro"),
        "microAuc": metrics.roc_auc_score(y, p, average="micro"),
    }


def plain(values):
    listed = np.atleast_1d(values).tolist()
    listed = [None if np.isnan(v) else v for v in listed]
    return listed if np.ndim(values) else listed[0]


def drawn(rng, rows, classes, strength):
    y = (rng.random((rows, classes)) < 0.3).astype(int)
    return y, 1 / (1 + np.exp(-(rng.normal(size=y.shape) + strength * (y - 0.5))))


def main():
    rng = np.random.default_rng(20261127)
    cases = [case("four classes", *drawn(rng, 60, 4, 3.0)), case("barely better than chance", *drawn(rng, 40, 6, 0.5))]
    y, p = drawn(rng, 30, 3, 2.0)
    cases.append(case("ties", y, np.round(p, 1)))
    y, p = drawn(rng, 30, 4, 2.0)
    y[:, 1], y[:, 2] = 0, 1  # one class that no picture has, one that all have
    p[:, 1] = 0.1
    cases.append(case("a class without pictures, and one of all", y, p))
    made = {n: version(n) for n in ("scikit-learn", "numpy")}
    path = Path(__file__).resolve().parents[2] / "golden" / "evaluation" / "several.json"
    path.write_text(json.dumps({"made": made, "threshold": THRESHOLD, "cases": cases}) + "\n")
    print(path, path.stat().st_size)


main()
