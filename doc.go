// Package cohortlens turns a table of customers into segments, predictions,
// explanations, drift decisions and an executive report, and says how far each can
// be trusted.
//
// # 1. Open a source
//
// A [datasource.Source] yields a table in batches: a CSV file, a database query,
// a gota data frame, the sample data that comes with the library, or your own.
//
//	src := datasource.NewCSVFile("customers.csv", datasource.CSVConfig{
//		Schema: datasource.CustomerSchema(),
//	})
//
// # 2. Run the whole job
//
// [Run] loads, validates and cleans the table, then segments, predicts and
// describes. The zero [Config] works. A table with the columns of
// [datasource.CustomerSchema] is analysed as the CohortLens backend does it; any
// other table by the kinds of its columns, with [Config] to say which column is
// what.
//
//	analysis, err := cohortlens.Run(ctx, src, cohortlens.Config{Seed: 42})
//
// # 3. Read the verdicts first
//
// No row disappears uncounted: Analysis.Quality is the account. The segmentation
// says whether the data has clusters at all, and the prediction whether it beats
// the average. Both are words with the evidence beside them. A part that the table
// does not allow is nil, and Analysis.Omitted says why.
//
//	fmt.Println(analysis.Quality.Kept, "of", analysis.Quality.Rows, "rows")
//	fmt.Println(analysis.Segmentation.Structure.Evidence)
//	if p := analysis.Prediction; p != nil {
//		fmt.Println(p.Verdict.Text)
//	}
//
// # 4. Use the models
//
// Analysis.Segmentation.Model assigns further customers to the segments, and
// Analysis.Prediction.Predictor predicts for them, each value with an interval.
// [Segment] and [TrainPredictor] make one of the two alone. [SegmentStream] segments
// customers who need not fit into memory.
//
//	labels, err := analysis.Segmentation.Model.Assign(table)
//	scores, err := analysis.Prediction.Predictor.Predict(ctx, table)
//
// [Explain] splits each prediction into what the columns add to it. [NewModel]
// makes a file of a predictor, for [LoadModel] to read elsewhere.
//
// # 5. Send the report
//
// [Report] writes one HTML file that needs nothing else: no script, no network.
//
//	err = cohortlens.Report(ctx, file, analysis, report.Options{})
//
// # Later: has anything changed?
//
// [Profile] keeps a few kilobytes of a table, and [CheckDrift] compares a later
// table with them: which columns, which segments, and does it matter.
//
//	cfg.Drift.Baseline, _, err = cohortlens.Profile(ctx, src, cfg)
//	later, err := cohortlens.CheckDrift(ctx, newer, cfg)
//	fmt.Println(later.Drift.Detected, later.Drift.Alerts)
//
// # Rules that hold everywhere
//
// The same data and seed give the same bits for any number of cores. Inputs are
// never changed. Long work ends within 100 ms of its context. The library does
// not log, print or panic on data. Errors name what was wrong and where.
package cohortlens
