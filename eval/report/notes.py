"""What a reader needs to know to read the numbers of a report."""

from __future__ import annotations

CAPTIONS = {
    "confusion": (
        "Counts of sentences, and the share of the annotated label (rows add up to 100%). Darker is a larger share."
    ),
    "precision-recall": (
        "Each facet is a yes/no question of its own. The curve runs over all thresholds; the marker is the threshold "
        "that the labels were decided with."
    ),
    "reliability": (
        "Ten bins of equal width, those with fewer than five sentences left out; bars show how many sentences fall "
        "into each, whiskers are 95% Wilson intervals that take sentences as independent. On the dashed line, "
        "probabilities mean what they say."
    ),
    "risk-coverage": (
        "Sentences are withheld in the order of their confidence, the least sure first. At full coverage the risk is "
        "the error rate. Coverage below 5% is not drawn."
    ),
    "learning-curve": "One point a training run: sentences it was trained on, and its score on dev.",
}

ABOUT = {
    "overall": (
        "“natural” are whole articles, so shares of labels are real; “enriched” are sentences that were picked to find "
        "more threats, forecasts and hard cases. Macro-F1 is the mean F1 of the four labels. Log-loss is in nats; "
        "Brier is the mean squared difference summed over the four labels (0 to 2). ECE is the expected calibration "
        "error of the predicted label's probability in bins of equal width, beside it in bins of equal number."
    ),
    "labels": (
        "“expected” is the mean probability that the system gives to the label: where probabilities are calibrated it "
        "estimates how frequent a label is better than counting labels does."
    ),
    "calibration": (
        "Thresholds and precedence choose the label, so its probability can be below one half, or not the largest of "
        "the four."
    ),
    "outside": (
        "People made these labels, under definitions of their own and for purposes of their own, and nothing was "
        "trained on them. They show direction and rank, not truth: a perfect model of our guideline would not score 1 "
        "on any. The threshold is the model's own, not fitted to the benchmark."
    ),
    "intervals": (
        "Intervals in brackets: percentile bootstrap over articles, drawn within natural and enriched. With few "
        "articles or few positive sentences they are rough, and somewhat too narrow. ECE is biased upwards, in "
        "resamples more than on the data: its interval is the basic one, percentiles mirrored at the value measured, "
        "cut at 0, and ends at that value where it would lie below."
    ),
    "annotators": (
        "The annotations were made by language models under the written guideline; no person labelled the sentences. "
        "Agreement with them is agreement with that guideline as applied by those models."
    ),
}
