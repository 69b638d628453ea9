"""Exercises of lab 08."""
import numpy as np


def confusion_counts(y_true, y_pred):
    """Count the four ways in which an answer of yes or no can meet the truth.

    Parameters
    ----------
    y_true : ndarray (m,) or (1, m), the truth, zeros and ones (whole numbers, floats or booleans)
    y_pred : ndarray of the same shape, the answers, zeros and ones

    Returns
    -------
    tp : int, true positives: answered 1, and it is 1
    fp : int, false positives: answered 1, but it is 0
    fn : int, false negatives: answered 0, but it is 1
    tn : int, true negatives: answered 0, and it is 0
    """
    # TODO: each count asks two things at once, one of the truth and one of the answer; count where both hold (5 lines)
    ### BEGIN SOLUTION
    tp = int(np.sum((y_true == 1) & (y_pred == 1)))
    fp = int(np.sum((y_true == 0) & (y_pred == 1)))
    fn = int(np.sum((y_true == 1) & (y_pred == 0)))
    tn = int(np.sum((y_true == 0) & (y_pred == 0)))
    return tp, fp, fn, tn
    ### END SOLUTION


def precision_recall_f1(y_true, y_pred):
    """Precision, recall, and the one number made of both.

    Parameters
    ----------
    y_true : ndarray (m,) or (1, m), the truth, zeros and ones
    y_pred : ndarray of the same shape, the answers, zeros and ones

    Returns
    -------
    precision : float, which share of the alarms is right; 0.0 where there is no alarm
    recall : float, which share of the true cases is found; 0.0 where there is no true case
    f1 : float, the harmonic mean of both; 0.0 where both are 0
    """
    # TODO: count, then three quotients, each guarded against a division by zero (about 5 lines)
    ### BEGIN SOLUTION
    tp, fp, fn, tn = confusion_counts(y_true, y_pred)
    precision = tp / (tp + fp) if tp + fp > 0 else 0.0
    recall = tp / (tp + fn) if tp + fn > 0 else 0.0
    f1 = 2 * precision * recall / (precision + recall) if precision + recall > 0 else 0.0
    return precision, recall, f1
    ### END SOLUTION


def weighted_error(y_true, y_pred, weights):
    """Share of the weight that lies on wrong answers, Σ w·wrong / Σ w.

    Parameters
    ----------
    y_true : ndarray (m,) or (1, m), the truth, zeros and ones
    y_pred : ndarray of the same shape, the answers, zeros and ones
    weights : ndarray of the same shape, what a mistake on each example costs, not negative and not all zero

    Returns
    -------
    float, 0 where all is right, 1 where all is wrong
    """
    # TODO: 2 lines
    ### BEGIN SOLUTION
    wrong = y_true != y_pred
    return float(np.sum(weights * wrong) / np.sum(weights))
    ### END SOLUTION


def choose_model(candidates, optimizing, satisficing):
    """The best model by one metric among those that are good enough by all the others.

    Parameters
    ----------
    candidates : dict {name: {metric: value}}
    optimizing : tuple (metric, "max" or "min"), the metric to be as large, or as small, as can be
    satisficing : dict {metric: (">=" or "<=", limit)}, what every candidate has to fulfil; a value
        that equals its limit does. The dict may be empty.

    Returns
    -------
    str, the name of the best candidate that fulfils all conditions; None if none does
    """
    # TODO: keep those that fulfil every condition, then take the best of them (about 8 lines)
    ### BEGIN SOLUTION
    metric, direction = optimizing
    best = None
    for name, values in candidates.items():
        fits = all(values[key] >= limit if sign == ">=" else values[key] <= limit for key, (sign, limit) in satisficing.items())
        better = best is None or (values[metric] > candidates[best][metric] if direction == "max" else values[metric] < candidates[best][metric])
        if fits and better:
            best = name
    return best
    ### END SOLUTION


def diagnose(human_error, train_error, dev_error, test_error):
    """What holds a model back: the largest step on the ladder of errors.

    Parameters
    ----------
    human_error, train_error, dev_error, test_error : float

    Returns
    -------
    str: "avoidable bias" if the largest step is from human to training error, "variance" if it is from
    training to dev error, "overfitting to dev" if it is from dev to test error. A step is the later error
    minus the earlier one, and may be negative. If steps are equal, the first of them in this order counts.
    """
    # TODO: three steps and the largest of them (about 4 lines)
    ### BEGIN SOLUTION
    gaps = {"avoidable bias": train_error - human_error,
            "variance": dev_error - train_error,
            "overfitting to dev": test_error - dev_error}
    return max(gaps, key=gaps.get)
    ### END SOLUTION


def split_dataset(X, Y, fractions, rng):
    """Deal examples at random into parts, such as train, dev and test.

    Parameters
    ----------
    X : ndarray (n_x, m), one example a column
    Y : ndarray (n_y, m), the labels, one example a column
    fractions : tuple of float that sum to 1, the share of each part
    rng : np.random.Generator

    Returns
    -------
    list of (X_part, Y_part), one for each fraction and in their order, each with two axes. Every example
    is in exactly one part, together with its own label. The size of a part is its share of m, rounded up
    or down; the last part may also take what rounding leaves over.
    """
    # TODO: shuffle the columns, then cut
    ### BEGIN SOLUTION
    m = X.shape[1]
    order = rng.permutation(m)
    ends = np.round(np.cumsum(fractions) * m).astype(int)
    return [(X[:, part], Y[:, part]) for part in np.split(order, ends[:-1])]
    ### END SOLUTION


def multi_task_loss(Y_true, P):
    """Mean cross-entropy of many yes-or-no questions asked of each example, of which some have no known answer.

    Parameters
    ----------
    Y_true : ndarray (tasks, m), 1.0 for yes, 0.0 for no, NaN where nobody has labelled it; at least one label is known
    P : ndarray (tasks, m), predicted probabilities of yes, strictly between 0 and 1

    Returns
    -------
    float, the mean over the known labels
    """
    # TODO
    ### BEGIN SOLUTION
    known = ~np.isnan(Y_true)
    y, p = Y_true[known], P[known]
    return float(np.mean(-(y * np.log(p) + (1 - y) * np.log(1 - p))))
    ### END SOLUTION
