#!/bin/sh
# Two raters who give one and the same label to everything: kappa is 0 / 0. Libraries answer with five
# different things, two of them with perfect agreement.
#   scikit-learn 1.9.1 cohen_kappa_score, statsmodels 0.15.0 cohens_kappa, irrCAC 0.4.4 conger (which is
#   Cohen's kappa for two raters): nan · krippendorff 0.9.0 alpha: ValueError, or nan once the domain of
#   labels is given · NLTK 3.10.4 AnnotationTask: kappa, pi and alpha are 1 · irrCAC 0.4.4 fleiss: 1.0
#   with the interval (1.0, 1) and the p-value 0.0.
#
# Guess before running: nan or an error everywhere, since the chance agreement is 1.
# Seen: as above; the two that say 1 do so without a warning. If one of 20 labels differs, all of them
# agree again that it is 0 (Fleiss and pi: -0.026), so one more output takes NLTK from 1 to 0.
# Second guess: the interval of statsmodels is then that of a kappa of 0. Seen: its standard error is nan
# (the root of a variance just below 0), and for perfect agreement on three outputs it is 0: [1, 1].
#
# Valid input, public packages only; exits 1 if the behaviour changes.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/python -m pip install --quiet --disable-pip-version-check scikit-learn==1.9.1 \
    statsmodels==0.15.0 nltk==3.10.4 krippendorff==0.9.0 irrCAC==0.4.4

cat >kappas.py <<'PY'
import warnings

import krippendorff
import numpy as np
import pandas as pd
from irrCAC.raw import CAC
from nltk.metrics.agreement import AnnotationTask
from sklearn.metrics import cohen_kappa_score
from statsmodels.stats.inter_rater import cohens_kappa

warnings.simplefilter("ignore")
alike = [1] * 20
one_differs = [1] * 19 + [0]


def annotated(second):
    pairs = [*enumerate(alike)], [*enumerate(second)]
    labels = [(rater, str(item), str(label)) for rater, of in zip("ab", pairs) for item, label in of]
    return AnnotationTask(data=labels)


def coefficients(second):
    return CAC(pd.DataFrame({"a": list(map(str, alike)), "b": list(map(str, second))}))


def shown(name, function):
    try:
        value = function()
    except ValueError as error:
        value = type(error).__name__
    print(name, value if isinstance(value, str) else round(float(value), 3))


shown("scikit-learn", lambda: cohen_kappa_score(alike, alike))
shown("statsmodels", lambda: cohens_kappa(np.array([[0, 0], [0, 20]])).kappa)
shown("irrCAC conger", lambda: coefficients(alike).conger()["est"]["coefficient_value"])
shown("krippendorff", lambda: krippendorff.alpha([alike, alike], level_of_measurement="nominal"))
shown("NLTK kappa", annotated(alike).kappa)
shown("NLTK pi", annotated(alike).pi)
shown("NLTK alpha", annotated(alike).alpha)
fleiss = coefficients(alike).fleiss()["est"]
shown("irrCAC fleiss", lambda: fleiss["coefficient_value"])
print("its interval", tuple(map(float, fleiss["confidence_interval"])), "p", float(fleiss["p_value"]))
print("one of 20 differs:")
shown("scikit-learn", lambda: cohen_kappa_score(alike, one_differs))
shown("NLTK kappa", annotated(one_differs).kappa)
shown("irrCAC fleiss", lambda: coefficients(one_differs).fleiss()["est"]["coefficient_value"])
shown("statsmodels error", lambda: cohens_kappa(np.array([[0, 0], [1, 19]])).std_kappa)
perfect = cohens_kappa(np.array([[1, 0], [0, 2]]))
print("perfect on three:", float(perfect.kappa_low), float(perfect.kappa_upp))
PY

cat >expected <<'EOF'
scikit-learn nan
statsmodels nan
irrCAC conger nan
krippendorff ValueError
NLTK kappa 1.0
NLTK pi 1.0
NLTK alpha 1.0
irrCAC fleiss 1.0
its interval (1.0, 1.0) p 0.0
one of 20 differs:
scikit-learn 0.0
NLTK kappa 0.0
irrCAC fleiss -0.026
statsmodels error nan
perfect on three: 1.0 1.0
EOF
venv/bin/python kappas.py >seen
cat seen
diff expected seen && echo "as stated"
