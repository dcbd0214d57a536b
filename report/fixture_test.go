package report

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/cohortlens/cohortlens/datasource"
	"github.com/cohortlens/cohortlens/explain"
	"github.com/cohortlens/cohortlens/insights"
	"github.com/cohortlens/cohortlens/predict"
	"github.com/cohortlens/cohortlens/segment"
)

// fixture returns a full content of 300 customers in 5 segments. All figures are
// made up from fixed random numbers; the report computes none of them, so they
// need not follow from the table.
func fixture(t testing.TB) *Content {
	t.Helper()
	const rows = 300
	rng := rand.New(rand.NewPCG(7, 11))
	labels := make([]int, rows)
	age, income, spending, percent := make([]float64, rows), make([]float64, rows), make([]float64, rows), make([]float64, rows)
	gender := make([]string, rows)
	centres := [][2]float64{{88000, 51}, {142000, 82}, {141000, 18}, {31000, 79}, {27000, 20}}
	for i := range rows {
		k := []int{0, 0, 0, 1, 1, 2, 2, 3, 3, 4}[i%10]
		labels[i] = k
		age[i] = math.Round(42 + 13*rng.NormFloat64())
		income[i] = math.Round(centres[k][0] + 9000*rng.NormFloat64())
		spending[i] = math.Round(centres[k][1] + 7*rng.NormFloat64())
		percent[i] = 100 - 1e6/income[i]*(4+3*rng.Float64())
		gender[i] = []string{"Female", "Male"}[rng.IntN(9)/5]
	}
	table, err := datasource.NewTable(
		datasource.Numbers("Age", age), datasource.Numbers("Annual Income ($)", income),
		datasource.Numbers("Spending Score (1-100)", spending), datasource.Categories("Gender", gender))
	if err != nil {
		t.Fatal(err)
	}
	return &Content{
		Title: "Customer report", Source: "Customers.csv", Version: "1.0.0",
		Created: time.Date(2026, 11, 23, 9, 30, 0, 0, time.UTC),
		Table:   table, Quality: fixtureQuality(), Segmentation: fixtureSegments(labels, centres),
		Prediction: fixturePrediction(rng), Describe: fixtureDescribe(), Correlation: fixtureCorrelation(),
		Savings: &insights.Savings{
			Percent: percent, Rows: rows, Negative: 31, Mean: 22.4, Median: 41.5,
			Formula: "monthly income is annual income / 12; monthly spend is 1,000 x work experience + 500 x family size",
			BySegment: []insights.SegmentSavings{
				{Segment: 0, Rows: 90, Mean: 37.1, Median: 38.2}, {Segment: 1, Rows: 60, Mean: 61.9, Median: 62.3},
				{Segment: 2, Rows: 60, Mean: 60.8, Median: 61.7}, {Segment: 3, Rows: 60, Mean: -81.5, Median: -70.2},
				{Segment: 4, Rows: 30, Mean: math.NaN(), Median: math.NaN()},
			},
		},
		Explanation: fixtureExplanation(table), Drift: fixtureDrift(),
		Typical:  []Example{{Row: 3, ID: "1004", Segment: 1}, {Row: 0, ID: "1001", Segment: 0}},
		IDColumn: "CustomerID", GenderColumn: "Gender",
		Settings: []Setting{{"seed", "42"}, {"segmentation", "kmeans"}, {"k", "chosen from 2 to 10"}},
	}
}

func fixtureQuality() datasource.Quality {
	return datasource.Quality{
		Rows: 340, Kept: 300, Policy: datasource.Drop, BadRows: 33, SetAside: 33, MissingRows: 6, DuplicateRows: 1,
		Missing: []datasource.ColumnCount{{Column: "Profession", Count: 6}},
		Violations: []datasource.RuleCount{
			{Column: "Age", Rule: "between 18 and 100", Count: 32}, {Column: "Annual Income ($)", Rule: "more than 0", Count: 2},
		},
		Examples: []datasource.Violation{
			{Row: 1, Line: 2, Column: "Age", Rule: "between 18 and 100", Value: "9"},
			{Row: 14, Line: 15, Column: "Annual Income ($)", Rule: "more than 0", Value: "0"},
			{Row: 20, Line: 21, Column: "CustomerID", Rule: "unique", Value: "20", FirstLine: 20},
		},
		Notes: []string{"The column Notes is free text and takes no part."},
	}
}

func fixtureSegments(labels []int, centres [][2]float64) *segment.Result {
	names := []string{"average on all counts", "high income, high spending", "high income, low spending", "low income, high spending", "low income, low spending"}
	advice := []string{"Value and promotions.", "Loyalty and premium offers.", "Upsell premium.", "Loyalty and premium offers.", "Value and promotions."}
	sizes := []int{90, 60, 60, 60, 30}
	r := &segment.Result{
		Algorithm: segment.KMeans, Labels: labels, Silhouette: 0.555, Inertia: 164.2,
		Scores: []segment.Score{
			{K: 2, Silhouette: 0.31, Inertia: 590.4, DaviesBouldin: 1.31, CalinskiHarabasz: 121.7},
			{K: 3, Silhouette: 0.41, Inertia: 402, DaviesBouldin: 0.92, CalinskiHarabasz: 203.1},
			{K: 4, Silhouette: 0.48, Inertia: 260.1, DaviesBouldin: 0.78, CalinskiHarabasz: 250.6},
			{K: 5, Silhouette: 0.555, Inertia: 164.2, DaviesBouldin: 0.57, CalinskiHarabasz: 318.4},
			{K: 6, Silhouette: 0.51, Inertia: 140.9, DaviesBouldin: 0.66, CalinskiHarabasz: 319.2},
		},
		Separation: []segment.Separation{{Column: "Annual Income ($)", Share: 0.93}, {Column: "Spending Score (1-100)", Share: 0.91}},
		Structure: segment.Structure{
			Verdict: segment.StrongStructure, Silhouette: 0.555, Reference: make([]float64, 19), ReferenceMean: 0.30, ReferenceStd: 0.01, PValue: 0.05,
			Evidence: "The silhouette of 0.555 is 25 standard deviations above that of data without structure, 0.300.",
		},
	}
	for i, c := range centres {
		r.Segments = append(r.Segments, segment.Segment{
			ID: i, Label: names[i], Size: sizes[i], Share: float64(sizes[i]) / 300, Recommendation: advice[i],
			Columns: []segment.Summary{
				{Column: "Annual Income ($)", Mean: c[0], Std: 9000, Overall: 86000, Z: (c[0] - 86000) / 45000, Feature: true},
				{Column: "Spending Score (1-100)", Mean: c[1], Std: 7, Overall: 52, Z: (c[1] - 52) / 25, Feature: true},
				{Column: "Age", Mean: 42 + float64(i)/3, Std: 13, Overall: 42.5, Z: 0.01 * float64(i)},
			},
			Categories: []segment.CategorySummary{{Column: "Gender", Top: []segment.LevelShare{{Level: "Female", Share: 0.58, Overall: 0.55}, {Level: "Male", Share: 0.42, Overall: 0.45}}}},
		})
	}
	return r
}

// asMixture makes the segments of the fixture those of a mixture that was refitted,
// with stabilities and a previous model of four segments.
func asMixture(c *Content) {
	s := c.Segmentation
	s.Algorithm = segment.GMM
	s.Mixture = &segment.Mixture{Covariance: segment.TiedCovariance, LogLikelihood: -3.21, BIC: 2011.5, AIC: 1893.2, Iterations: 41, Converged: true}
	for i := range s.Scores {
		s.Scores[i].BIC = 2011.5 + 10*float64(len(s.Scores)-1-i)
	}
	s.Stability = []segment.Stability{
		{Segment: 0, Jaccard: 0.93, Verdict: segment.Stable}, {Segment: 1, Jaccard: 0.871, Verdict: segment.Stable},
		{Segment: 2, Jaccard: 0.7, Dissolved: 0.1, Verdict: segment.Doubtful}, {Segment: 3, Jaccard: 1, Verdict: segment.Stable},
		{Segment: 4, Jaccard: 0.41, Dissolved: 0.8, Verdict: segment.Unstable},
	}
	c.PreviousSegments = []segment.Segment{{ID: 0, Label: "average"}, {ID: 1, Label: "high income"}, {ID: 2, Label: "low income"}, {ID: 3, Label: "older"}}
	s.Migration = &segment.Migration{
		Counts:  [][]int{{85, 0, 0, 2, 0, 0}, {0, 60, 58, 0, 0, 0}, {3, 0, 0, 58, 30, 0}, {1, 0, 0, 0, 0, 0}, {1, 0, 2, 0, 0, 0}},
		Matches: []int{0, 1, 3, segment.Noise}, Stayed: 203, Previous: make([]int, 300), Current: s.Labels,
	}
}

// asDensity makes the segments of the fixture those of DBSCAN: the smallest one
// becomes noise.
func asDensity(c *Content) {
	s := c.Segmentation
	s.Algorithm = segment.DBSCAN
	s.Segments = s.Segments[:4]
	s.Scores = []segment.Score{{K: 4, Silhouette: 0.48, DaviesBouldin: 0.78, CalinskiHarabasz: 250.6}}
	for i, label := range s.Labels {
		if label == 4 {
			s.Labels[i] = segment.Noise
			s.Noise++
		}
	}
	c.Savings.BySegment = c.Savings.BySegment[:4]
}

// asNoise is what DBSCAN leaves where nothing is dense.
func asNoise(c *Content) {
	asDensity(c)
	c.Typical = nil
	s := c.Segmentation
	s.Segments, s.Scores, s.Noise = nil, []segment.Score{{}}, len(s.Labels)
	s.Silhouette, s.Inertia = 0, 0
	for i := range s.Labels {
		s.Labels[i] = segment.Noise
	}
	for i := range s.Separation {
		s.Separation[i].Share = 0
	}
	s.Structure = segment.Structure{Verdict: segment.NoStructure, PValue: 1, Evidence: "There is no segment: the data has no dense group at the density asked for."}
	s.Notes = []string{"No dense group was found: no row has 5 rows, itself included, within Epsilon, 0.001."}
	c.Savings.BySegment = nil
}

func fixturePrediction(rng *rand.Rand) *predict.Result {
	r := &predict.Result{
		Algorithm: predict.LinearRegression, Target: "Spending Score (1-100)", Rows: 300, Features: []string{"Annual Income ($)", "Age", "Gender"},
		Metrics:  predict.Metrics{MSE: 812.4, MAE: 24.31, R2: -0.0134, RMSE: 28.5, Rows: 60},
		Baseline: predict.Metrics{MSE: 801.7, MAE: 24.1, R2: -0.0001, RMSE: 28.31, Rows: 60},
		CV: predict.CrossValidation{
			Folds: 2, Mean: predict.Metrics{MSE: 790.2, MAE: 24.2, R2: -0.021, RMSE: 28.1, Rows: 300},
			Baseline: predict.Metrics{MSE: 780.1, MAE: 24.0, R2: -0.008, RMSE: 27.9, Rows: 300},
			PerFold:  []predict.Metrics{{MSE: 800, MAE: 24.4, R2: -0.03, RMSE: 28.3, Rows: 150}, {MSE: 780.4, MAE: 24, R2: -0.012, RMSE: 27.9, Rows: 150}},
		},
		Verdict: predict.Verdict{
			Level: predict.NoSkill, Skill: -0.013, SkillError: 0.004,
			Text: "The model is no better than predicting the average, so do not use it for decisions.",
		},
		Intervals: predict.Intervals{Level: 0.9, Coverage: 0.883, HalfWidth: 46.8},
		Coefficients: []predict.Coefficient{
			{Name: "(intercept)", Value: 51.2, StdError: 3.1, T: 16.5, P: 0, Low: 45.1, High: 57.3},
			{Name: "Annual Income ($)", Column: "Annual Income ($)", Value: 0.0000121, StdError: 0.00003, T: 0.4, P: 0.69, Low: -0.00005, High: 0.00007},
			{Name: "Age", Column: "Age", Value: -0.31, StdError: 0.15, T: -2.1, P: 0.037, Low: -0.6, High: -0.02},
			{Name: "Gender=Male", Column: "Gender", Level: "Male", SetAside: "constant"},
		},
		Notes: []string{"The column Shop is the same in every row and was left out."},
	}
	for range 60 {
		r.Holdout = append(r.Holdout, predict.Outcome{Actual: math.Round(100 * rng.Float64()), Predicted: 50 + 3*rng.NormFloat64()})
	}
	return r
}

// fixtureExplanation explains a line through the columns of the table.
func fixtureExplanation(t *datasource.Table) *explain.Result {
	r := &explain.Result{Method: explain.Linear, Base: 50.25, Groups: []string{"Annual Income ($)", "Age", "Gender"}, Rows: t.Rows()}
	r.Columns, r.GroupOf = []string{"Annual Income ($)", "Age", "Gender=Female", "Gender=Male"}, []int{0, 1, 2, 2}
	columns := t.Columns()
	age, income, gender := columns[0].Floats(), columns[1].Floats(), columns[3].Codes()
	for i := range t.Rows() {
		row := []float64{(income[i] - 86000) / 20000, -0.31 * (age[i] - 42), 1.5*float64(gender[i]) - 0.75}
		r.Values = append(r.Values, row...)
		r.X = append(r.X, income[i], age[i], float64(1-gender[i]), float64(gender[i]))
		r.Predictions = append(r.Predictions, r.Base+row[0]+row[1]+row[2])
	}
	return r
}

func fixtureDescribe() []insights.Description {
	return []insights.Description{
		{Column: "Age", Count: 300, Mean: 42.5, Std: 13.1, Min: 18, Q25: 33, Median: 42, Q75: 52, Max: 79},
		{Column: "Annual Income ($)", Count: 300, Mean: 86000, Std: 45100, Min: 4100, Q25: 35000, Median: 88100, Q75: 131000, Max: 169000},
		{Column: "Spending Score (1-100)", Count: 1, Mean: 52, Std: math.NaN(), Min: 52, Q25: 52, Median: 52, Q75: 52, Max: 52},
	}
}

func fixtureCorrelation() *insights.Correlation {
	nan := math.NaN()
	return &insights.Correlation{
		Columns: []string{"Age", "Annual Income ($)", "Spending Score (1-100)", "Work Experience", "Family Size"},
		R: [][]float64{
			{1, 0.12, -0.43, 0.02, nan}, {0.12, 1, 0.031, 0.81, nan}, {-0.43, 0.031, 1, -0.62, nan},
			{0.02, 0.81, -0.62, 1, nan}, {nan, nan, nan, nan, nan},
		},
	}
}

func fixtureDrift() *insights.Drift {
	income := insights.NumberDrift{
		Baseline: insights.NumberSummary{Count: 1000, Mean: 86000, Std: 45000, Min: 4000, Max: 170000},
		Current:  insights.NumberSummary{Count: 300, Mean: 101300, Std: 44100, Min: 5100, Max: 181000},
		KS:       0.171, PExact: 2e-6, PAsymptotic: 2e-6, Wasserstein: 15300, MeanShift: 0.34,
	}
	for i := range 9 {
		x := float64(i)
		income.Histogram = append(income.Histogram, insights.Bin{
			Low: 20000 * x, High: 20000 * (x + 1), Baseline: (40 - (x-3)*(x-3)) / 204, Current: (40 - (x-5)*(x-5)) / 228,
		})
	}
	age := income
	age.Baseline.Mean, age.Current.Mean, age.KS, age.MeanShift = 42.1, 42.8, 0.062, 0.05
	return &insights.Drift{
		Detected: true, BaselineRows: 1000, CurrentRows: 300,
		Columns: []insights.ColumnDrift{
			{Column: "Annual Income ($)", Kind: datasource.Numeric, Verdict: insights.Drifted, PSI: 0.213, Shift: insights.MajorShift, PValue: 2e-6, AdjustedP: 8e-6, Effect: 1.71, Numbers: &income},
			{Column: "Profession", Kind: datasource.Categorical, Verdict: insights.Drifted, PSI: 0.14, Shift: insights.ModerateShift, PValue: 0.0004, AdjustedP: 0.0008, Effect: 1.2,
				Missing: insights.MissingDrift{Baseline: 0.02, Current: 0.035, PValue: 0.1, AdjustedP: 0.2},
				Levels: &insights.LevelDrift{ChiSquared: 31.2, Freedom: 3, P: 0.0004, CramersV: 0.12, New: []string{"Pilot"},
					Shares: []insights.LevelShift{{Level: "Artist", Baseline: 0.5, Current: 0.37}, {Level: "Doctor", Baseline: 0.3, Current: 0.31}, {Level: "Pilot", Current: 0.12}, {Baseline: 0.2, Current: 0.2}}}},
			{Column: "Age", Kind: datasource.Numeric, Verdict: insights.Immaterial, PSI: 0.012, Shift: insights.SmallShift, PValue: 0.01, AdjustedP: 0.02, Effect: 0.62, Numbers: &age},
			{Column: "Gender", Kind: datasource.Categorical, Verdict: insights.Stable, PSI: 0.001, Shift: insights.SmallShift, PValue: 0.6, AdjustedP: 0.6, Effect: 0.1,
				Levels: &insights.LevelDrift{ChiSquared: 0.3, Freedom: 1, P: 0.6, CramersV: 0.01, Shares: []insights.LevelShift{{Level: "Female", Baseline: 0.58, Current: 0.55}, {Level: "Male", Baseline: 0.42, Current: 0.45}}}},
		},
		Segments: []insights.SegmentDrift{
			{Segment: "high income, low spending", Verdict: insights.Drifted, Columns: []insights.ColumnDrift{{Column: "Annual Income ($)", Verdict: insights.Drifted, Numbers: &income}, {Column: "Age", Verdict: insights.Immaterial, Numbers: &age}},
				Share: insights.ShareDrift{Verdict: insights.Drifted, BaselineRows: 120, CurrentRows: 60, Baseline: 0.12, Current: 0.2, PValue: 0.0004, AdjustedP: 0.002, Effect: 0.22}},
			{Segment: "average on all counts", Verdict: insights.Stable,
				Share: insights.ShareDrift{Verdict: insights.Stable, BaselineRows: 310, CurrentRows: 90, Baseline: 0.31, Current: 0.3, PValue: 0.7, AdjustedP: 0.8, Effect: -0.02}},
		},
		Joint: &insights.JointDrift{
			Verdict: insights.Drifted, BaselineRows: 1000, CurrentRows: 300, AUC: 0.631, PValue: 0.005, Permutations: 199,
			Columns: []insights.JointColumn{{Column: "Annual Income ($)", Loss: 0.08, StdError: 0.01, Telling: true}, {Column: "Profession", Loss: 0.03, StdError: 0.01, Telling: true}, {Column: "Age", Loss: 0.001, StdError: 0.01}},
		},
		Schema: insights.SchemaDrift{
			Gone: []string{"Shop"}, Added: []string{"Region", "Tier"},
			Changed: []insights.KindChange{{Column: "Family Size", Baseline: datasource.Numeric, Current: datasource.Categorical}},
		},
		Alerts: []string{"Annual Income ($) has drifted: its mean rose from 86,000 to 101,300.", "Profession has drifted: Pilot is new."},
		Config: insights.DriftConfig{Alpha: 0.05, Adjust: insights.BenjaminiHochberg, ModeratePSI: 0.1, MajorPSI: 0.2, KS: 0.1, MeanShift: 0.2, CramersV: 0.1, MissingShare: 0.05},
	}
}
