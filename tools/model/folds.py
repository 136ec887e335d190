"""Cross-validates the recipe of the head on labelled photographs: python folds.py PHOTOS

PHOTOS holds `tidy/` and `messy/`. The head of every fold is trained on the other
four (standardised features, logistic regression, C = 0.002, balanced), so that
each photograph is judged by a head that has never seen it.

    pip install numpy pillow onnxruntime scikit-learn
"""

import math
import pathlib
import sys

import numpy as np
import onnxruntime
from PIL import Image
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold
from sklearn.preprocessing import StandardScaler

NETWORK = pathlib.Path(__file__).parents[2] / "assets" / "model" / "efflite0_w8.onnx"


def prepared(path):
    picture = Image.open(path).convert("RGB")
    scale = 224 / math.sqrt(picture.width * picture.height)
    size = [max(32, round(side * scale / 32) * 32) for side in picture.size]
    pixels = np.asarray(picture.resize(size, Image.LANCZOS), np.float32)
    return ((pixels - 127) / 128).transpose(2, 0, 1)[None]


def main():
    network = onnxruntime.InferenceSession(NETWORK, providers=["CPUExecutionProvider"])
    folder = pathlib.Path(sys.argv[1])
    features, messy = [], []
    for label, name in enumerate(("tidy", "messy")):
        for path in sorted((folder / name).iterdir()):
            features.append(network.run(["embedding"], {"image": prepared(path)})[0][0])
            messy.append(label)
    features, messy = np.array(features), np.array(messy)
    found = []
    for seed in range(5):
        logits = np.zeros(len(messy))
        for train, test in StratifiedKFold(5, shuffle=True, random_state=seed).split(features, messy):
            scaler = StandardScaler().fit(features[train])
            head = LogisticRegression(C=0.002, class_weight="balanced", max_iter=5000)
            head.fit(scaler.transform(features[train]), messy[train])
            logits[test] = head.decision_function(scaler.transform(features[test]))
        found.append(roc_auc_score(messy, logits))
        right = [(logits[messy == 1] > 0).mean(), (logits[messy == 0] <= 0).mean()]
        print(f"shuffle {seed}: AUC {found[-1]:.4f}, balanced accuracy {np.mean(right):.3f}")
    print(f"mean AUC {np.mean(found):.4f} of {len(messy)} photographs")


if __name__ == "__main__":
    main()
