package cli

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/cohortlens/cohortlens/adapters/service"
)

func (s *session) explain() error {
	if err := s.checkExplain(); err != nil {
		return err
	}
	why, err := s.explainsSegment()
	if err != nil {
		return err
	}
	svc, data, err := s.prepare()
	if err != nil {
		return err
	}
	model, customer := s.flags.String("model"), s.flags.String("customer")
	if why {
		for _, name := range []string{"method", "interactions"} {
			if s.flags.IsSet(name) {
				return &usageError{message: "--" + name + " is for predictions, and a segment is explained"}
			}
		}
		d, err := svc.Why(s.flags.Context, service.WhyRequest{Data: data, Model: model, Customer: customer})
		if err != nil {
			return err
		}
		return s.show(d, func(p *printer) { p.whyDocument(d) })
	}
	r := service.ExplainRequest{
		Data: data, Model: model, IDColumn: s.flags.String("id-column"), Method: s.flags.String("method"), Customer: customer, Interactions: s.flags.Bool("interactions"),
		Out: s.flags.String("out"), ExcelSafe: s.flags.Bool("excel-safe"),
	}
	if customer == "" {
		return s.explainAll(svc, r)
	}
	d, err := svc.Explain(s.flags.Context, r)
	if err != nil {
		return err
	}
	return s.show(d, func(p *printer) { p.explainDocument(d) })
}

func (s *session) explainAll(svc *service.Service, r service.ExplainRequest) error {
	d, err := svc.ExplainAll(s.flags.Context, r)
	if err != nil {
		return err
	}
	return s.show(d, func(p *printer) { p.explainAllDocument(d) })
}

// checkExplain refuses a command line that does not say what to explain, or of
// which something would be ignored.
func (s *session) checkExplain() error {
	all, one := s.flags.Bool("all"), s.flags.IsSet("customer")
	switch {
	case all == one:
		return &usageError{message: "explain needs to know whom to explain: --customer ID, or --all"}
	case one && s.flags.IsSet("out"):
		return &usageError{message: "--out is for all customers: use it with --all, or print one as --json"}
	case all && s.flags.Bool("segment"):
		return &usageError{message: "--segment explains one customer: --customer ID"}
	case all && !s.flags.IsSet("out") && !s.json():
		return &usageError{message: "--all needs a place for the explanations: --out F.csv, or --json"}
	case s.flags.IsSet("model"):
		return s.checkMeant("with --model nothing is trained", explainMeant)
	case s.flags.Bool("segment"):
		return s.checkMeant("with --segment nothing is predicted", append(explainMeant, "numerical", "categorical"))
	}
	return s.checkSafe()
}

var explainMeant = []string{"data", "model", "segment", "customer", "all", "method", "interactions", "out", "excel-safe", "json",
	"delimiter", "id-column", "invalid", "seed", "workers"}

// checkMeant refuses flags that would be ignored.
func (s *session) checkMeant(because string, meant []string) error {
	for _, f := range s.command.flags {
		if s.flags.IsSet(f.name) && !slices.Contains(meant, f.name) {
			return &usageError{message: because + ", so there is no place for --" + f.name}
		}
	}
	return s.checkSafe()
}

// explainsSegment reports whether the segment of a customer is to be explained,
// and not a prediction: by a flag, or by what the model is.
func (s *session) explainsSegment() (bool, error) {
	if !s.flags.IsSet("model") {
		return s.flags.Bool("segment"), nil
	}
	segmentation, err := service.IsSegmentation(s.flags.String("model"))
	switch {
	case err != nil:
		return false, err
	case s.flags.Bool("segment") && !segmentation:
		return false, &usageError{message: s.flags.String("model") + " holds a predictor, and --segment explains segments"}
	case segmentation && s.flags.Bool("all"):
		return false, &usageError{message: s.flags.String("model") + " holds segments, which are explained for one customer: --customer ID"}
	}
	return segmentation, nil
}

// stepWidth is the room for the steps of a prediction.
const stepWidth = 30

func (p *printer) explainDocument(d *service.ExplainDocument) {
	p.paragraph("Customer " + d.CustomerID + " of " + d.Source + ": predicted " + d.Target + " " + figure(d.Prediction) + ", from " +
		figure(d.Low) + " to " + figure(d.High) + " (confidence " + d.Confidence + ", " + d.Algorithm + ").")
	p.gap()
	totals := []float64{float64(d.BaseValue)}
	for _, c := range d.Contributions {
		totals = append(totals, totals[len(totals)-1]+float64(c.Contribution))
	}
	s := newSteps(stepWidth, totals...)
	rows, drawings := [][]string{{"what is known", "adds", "so far"}, {"nothing", "", figure(d.BaseValue)}}, []string{"", ""}
	for i, c := range d.Contributions {
		adds := signed(c.Contribution)
		if c.StdError != nil {
			rows[0][1] = "adds ± standard error"
			adds += " ± " + figure(*c.StdError)
		}
		rows = append(rows, []string{known(c), adds, figure(service.Number(totals[i+1]))})
		drawings = append(drawings, s.draw(totals[i], totals[i+1]))
	}
	rows, drawings = append(rows, []string{"prediction", "", figure(d.Prediction)}), append(drawings, "")
	p.tableBeside(rows, 1, drawings)
	p.gap()
	if len(d.Unseen) > 0 {
		p.paragraph("Note: the value is missing or was never seen in training: " + strings.Join(d.Unseen, ", ") + ".")
	}
	if d.Interactions != nil {
		rows := [][]string{{"of which, by two columns together", ""}}
		for _, i := range d.Interactions {
			rows = append(rows, []string{together(i.Features), signed(i.Contribution)})
		}
		p.interactions(rows, "Half of each figure is in the step of either column.")
	}
	p.explained(d.Explained)
}

// mostPairs is the number of interactions that are shown.
const mostPairs = 10

func together(features [2]string) string { return features[0] + " and " + features[1] }

// interactions prints what pairs of columns do, the strongest first.
func (p *printer) interactions(rows [][]string, note string) {
	if len(rows) == 1 {
		p.paragraph("No two columns act together in this predictor: each adds what it adds, whatever the others are.")
		return
	}
	more := len(rows) - 1 - mostPairs
	p.table(rows[:min(len(rows), mostPairs+1)], 1)
	p.gap()
	if more > 0 {
		note = plural(more, "weaker pair") + ", not shown. " + note
	}
	p.paragraph(note)
	p.gap()
}

// explained says how far the predictor can be trusted.
func (p *printer) explained(e service.Explained) {
	p.paragraph("Prediction of " + e.Target + ": " + e.Verdict)
	p.paragraph("The steps say what the predictor makes of a customer (" + strings.ReplaceAll(e.Method, "_", " ") +
		"); they do not say what would happen if the customer changed.")
	p.notes(e.Notes)
}

// known writes what is known of a customer, such as "Age = 34".
func known(c service.Contribution) string {
	switch v := c.Value.(type) {
	case service.Number:
		return c.Feature + " = " + exact(v)
	case string:
		return c.Feature + " = " + v
	}
	return c.Feature + " is missing"
}

// exact writes a whole number as one, without a comma where it may be a year, and any
// other as figure does.
func exact(n service.Number) string {
	v := float64(n)
	switch {
	case v != math.Trunc(v) || math.Abs(v) >= 1e15:
		return figure(n)
	case math.Abs(v) < 10_000:
		return strconv.Itoa(int(v))
	}
	return count(int(v))
}

func signed(n service.Number) string {
	if n >= 0 {
		return "+" + figure(n)
	}
	return "-" + figure(-n)
}

func (p *printer) explainAllDocument(d *service.ExplainAllDocument) {
	p.paragraph(d.Source + ": " + plural(d.Rows, "prediction") + " of " + d.Target + " explained (" + d.Algorithm + ").")
	p.gap()
	rows, drawings := [][]string{{"moves predictions by, on average", "", ""}}, []string{""}
	for _, i := range d.Importance {
		rows = append(rows, []string{i.Feature, figure(i.MeanAbsolute), bar(float64(i.MeanAbsolute)/float64(d.Importance[0].MeanAbsolute), stepWidth/2)})
		drawings = append(drawings, directionOf(i))
	}
	for _, row := range rows { // bars start at the left
		row[2] += strings.Repeat(" ", stepWidth/2-utf8.RuneCountInString(row[2]))
	}
	p.tableBeside(rows, 1, drawings)
	p.gap()
	if d.Interactions != nil {
		rows := [][]string{{"two columns together move them by", ""}}
		for _, i := range d.Interactions {
			rows = append(rows, []string{together(i.Features), figure(i.MeanAbsolute)})
		}
		p.interactions(rows, "Half of what a pair does is in what either column does above.")
	}
	p.explained(d.Explained)
	p.written("Explanations", d.Out)
}

// directionOf says which values raise the predictions.
func directionOf(i service.Importance) string {
	const clear = 0.5
	switch d := float64(i.Direction); {
	case d > clear:
		return "up for greater values"
	case d < -clear:
		return "down for greater values"
	}
	var parts []string
	for _, p := range []struct{ way, level string }{{"up", i.Raises}, {"down", i.Lowers}} {
		if p.level != "" {
			parts = append(parts, p.way+" for "+strings.TrimPrefix(p.level, i.Feature+"="))
		}
	}
	return strings.Join(parts, ", ")
}

func (p *printer) whyDocument(d *service.WhyDocument) {
	switch {
	case d.Segment < 0:
		p.paragraph("Customer " + d.CustomerID + " of " + d.Source + " is in no segment: a value that the model needs is missing.")
		return
	case d.Next < 0:
		p.paragraph("Customer " + d.CustomerID + " of " + d.Source + " is in segment " + segmentName(d.Segment, d.Label) + ", the only one.")
		return
	}
	p.paragraph("Customer " + d.CustomerID + " of " + d.Source + " is in segment " + segmentName(d.Segment, d.Label) +
		" rather than in " + segmentName(d.Next, d.NextLabel) + " (" + d.Algorithm + "), because of:")
	p.gap()
	most := 0.0
	for _, f := range d.Contributions {
		most = max(most, math.Abs(float64(f.Contribution)))
	}
	rows := [][]string{{"", "customer", "segment mean", "next mean", "speaks for it by"}}
	drawings := []string{""}
	for _, f := range d.Contributions {
		means := figures(f.SegmentMean, f.NextMean)
		rows = append(rows, []string{f.Feature, exact(f.Value), means[0], means[1], signed(f.Contribution)})
		drawings = append(drawings, bar(math.Abs(float64(f.Contribution))/most, stepWidth/2))
	}
	if d.Offset != 0 {
		rows, drawings = append(rows, []string{"size and width of the groups", "", "", "", signed(d.Offset)}), append(drawings, "")
	}
	rows, drawings = append(rows, []string{"together", "", "", "", signed(d.Margin)}), append(drawings, "")
	p.tableBeside(rows, 1, drawings)
	p.gap()
	p.paragraph(whyUnit(d.Algorithm))
	p.notes(d.Notes)
}

func segmentName(id int, label string) string {
	return strconv.Itoa(id) + " (" + label + ")"
}

// whyUnit says what the figures of a margin are.
func whyUnit(algorithm string) string {
	if algorithm == "gmm" {
		return "The figures are parts of a log ratio: at 2 together, the customer is 7.4 times as likely in this segment as in the next one."
	}
	return "The figures are parts of the difference of squared distances from the two centres, in standard deviations."
}
