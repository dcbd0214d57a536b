package cli

import (
	"strings"

	"github.com/cohortlens/cohortlens/adapters/service"
)

// predict trains a predictor, or with a saved one only predicts.
func (s *session) predict() error {
	if err := s.checkSafe(); err != nil {
		return err
	}
	score, out := s.flags.String("score"), s.flags.String("out")
	if score != "" && out == "" && !s.json() {
		return &usageError{message: "--score needs a place for the predictions: --out F.csv, or --json"}
	}
	data, err := s.data()
	if err != nil {
		return err
	}
	if score != "" && data == "" && s.flags.IsSet("model") {
		return s.score()
	}
	svc, err := s.service()
	if err != nil {
		return err
	}
	d, err := svc.Predict(s.flags.Context, service.PredictRequest{
		Data: data, Score: score, Out: out, ExcelSafe: s.flags.Bool("excel-safe"), Model: s.flags.String("model"),
	})
	if err != nil {
		return err
	}
	return s.show(d, func(p *printer) { p.predictDocument(d) })
}

var scoreMeant = []string{"score", "model", "out", "excel-safe", "json", "delimiter", "id-column", "invalid", "workers"}

// score serves predict --score with a saved model, which trains nothing.
func (s *session) score() error {
	if err := s.checkMeant("with --score and --model, and no data, nothing is trained", scoreMeant); err != nil {
		return err
	}
	svc, err := s.service()
	if err != nil {
		return err
	}
	d, err := svc.Score(s.flags.Context, service.ScoreRequest{
		Model: s.flags.String("model"), Customers: s.flags.String("score"), IDColumn: s.flags.String("id-column"), Out: s.flags.String("out"), ExcelSafe: s.flags.Bool("excel-safe"),
	})
	if err != nil {
		return err
	}
	return s.show(d, func(p *printer) { p.scoreDocument(d) })
}

func (p *printer) scoreDocument(d *service.ScoreDocument) {
	p.account(d.Source, "scored", d.Quality)
	p.gap()
	p.paragraph("Prediction of " + d.Target + " by " + d.Model + " (" + d.Algorithm + "): " + d.Verdict)
	p.notes(d.Notes)
	p.written("Predictions", d.Out)
}

func (p *printer) prediction(d *service.PredictDocument) {
	p.paragraph("Predicting " + d.Target + " from " + strings.Join(d.Features, ", ") + " (" + d.Algorithm + ").")
	p.gap()
	row := func(name string, mse, mae, r2 service.Number) []string {
		return []string{name, figure(mse), figure(mae), figure(r2)}
	}
	p.table([][]string{
		{"", "MSE", "MAE", "R2"},
		row(plural(d.Metrics.Rows, "held-out customer"), d.Metrics.MSE, d.Metrics.MAE, d.Metrics.R2),
		row("the same by the average", d.Baseline.MSE, d.Baseline.MAE, d.Baseline.R2),
		row("cross-validation, "+plural(d.CV.Folds, "fold"), d.CV.MSE, d.CV.MAE, d.CV.R2),
	}, 1)
	p.gap()
	p.verdict(d)
	p.tried(d.Tried)
	p.intervals(d.Intervals)
	p.importances(d)
}

// tried says how the algorithm was chosen.
func (p *printer) tried(list []service.Trial) {
	if len(list) == 0 {
		return
	}
	p.gap()
	rows := [][]string{{"tried", "MSE", "MAE", "R2"}}
	remarks := []string{""}
	for _, t := range list {
		cells := []string{"", "", ""}
		if t.CV != nil {
			cells = []string{figure(t.CV.MSE), figure(t.CV.MAE), figure(t.CV.R2)}
		}
		rows, remarks = append(rows, append([]string{t.Algorithm}, cells...)), append(remarks, t.Reason)
	}
	p.tableBeside(rows, 1, remarks)
	p.gap()
}

func (p *printer) intervals(i service.Intervals) {
	each := "each is the prediction ± " + figure(i.HalfWidth)
	if i.Method != "constant" || len(i.Groups) > 0 {
		each = "they differ in width, and reach " + figure(i.HalfWidth) + " to each side on average"
	}
	p.paragraph("Intervals: built to cover " + share(i.Level) + " of customers, they covered " +
		share(i.Coverage) + " of those held out; " + each + ".")
	if len(i.Groups) == 0 {
		return
	}
	p.gap()
	rows := [][]string{{"intervals of", "customers", "± on average", "held out", "covered"}}
	for _, g := range i.Groups {
		covered := "-"
		if g.HeldOut > 0 {
			covered = share(g.Coverage)
		}
		rows = append(rows, []string{g.Group, count(g.Rows), figure(g.HalfWidth), count(g.HeldOut), covered})
	}
	p.table(rows, 1)
}

// importances prints the columns that a predictor without readable coefficients
// relies on.
func (p *printer) importances(d *service.PredictDocument) {
	if len(d.Coefficients) > 0 || len(d.Importances) == 0 {
		return
	}
	p.gap()
	rows, drawings := [][]string{{"shuffling the column raises the MSE by", ""}}, []string{""}
	for _, i := range d.Importances {
		rows = append(rows, []string{i.Feature, figure(i.Permutation)})
		drawings = append(drawings, bar(float64(i.Permutation)/float64(d.Importances[0].Permutation), stepWidth))
	}
	p.tableBeside(rows, 1, drawings)
	if m := d.OutOfBag; m != nil {
		p.paragraph("Out of bag, by the trees that had not seen the customer: MSE " + figure(m.MSE) + ", R2 " + figure(m.R2) + ".")
	}
}
