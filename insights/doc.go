// Package insights computes what a table of customers says without a model:
// descriptive statistics ([Describe]), correlations ([Correlate]), how much of
// their income customers have left ([ComputeSavings]) and what to offer to whom
// ([Recommender]).
//
// Savings and recommendations speak of spending, income, experience and family
// size; [Roles] says which columns play these parts, and [InferRoles] finds them
// by name. Where a part is not filled, the functions say so instead of guessing.
//
// A missing value is NaN in the table, is left out of every figure, and NaN is
// the answer where nothing is left. Tables are never changed, and results do not
// depend on the number of cores.
package insights
