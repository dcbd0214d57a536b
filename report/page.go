package report

import (
	"cmp"
	"fmt"
	"html/template"
	"slices"
	"strings"

	"github.com/cohortlens/cohortlens/explain"
	"github.com/cohortlens/cohortlens/segment"
)

// page holds what the template shows, all of it as text. Fields of type
// template.HTML and template.CSS are made by this package alone.
type page struct {
	Title, Meta, Footer string
	Style               template.CSS
	Sample              bool
	Contents            []link
	Summary             string
	Cards               []card
	Trust               []judgement
	Data                dataView
	Segments            *segmentsView
	Prediction          *predictionView
	Explanation         *explanationView
	Correlation         *correlationView
	Savings             *savingsView
	Drift               *driftView
	Advice              []segmentRow
	AdviceCaution       string
	Missing             missing
	Settings            []Setting
	Methods             []string
}

type link struct{ ID, Title string }

// missing holds the sentences that stand for parts without content.
type missing struct{ Segmentation, Prediction, Explanation, Correlation, Savings, Recommendations, Drift string }

func newPage(c *Content, o Options, figures map[string][]*inlineFigure) (*page, error) {
	css, err := style()
	if err != nil {
		return nil, err
	}
	explanation, err := newExplanationView(c, only(figures["importance"]), figures["waterfalls"])
	if err != nil {
		return nil, err
	}
	return &page{
		Title: c.title(), Meta: c.meta(), Footer: c.footer(), Style: css, Sample: c.Sample,
		Contents: contents(c), Summary: summary(c), Cards: cards(c), Trust: trust(c),
		Data:        newDataView(c, only(figures["gender"])),
		Segments:    newSegmentsView(c, only(figures["clusters"])),
		Prediction:  newPredictionView(c.Prediction, o.Metrics, only(figures["prediction"])),
		Explanation: explanation,
		Correlation: newCorrelationView(c.Correlation, only(figures["correlation"])),
		Savings:     newSavingsView(c, only(figures["savings"])),
		Drift:       newDriftView(c.Drift, figures["drift"]),
		Advice:      advice(c), AdviceCaution: adviceCaution(c.Segmentation),
		Missing: c.missing(), Settings: c.settings(), Methods: methods(c),
	}, nil
}

// only returns the figure of a kind that has one at most.
func only(figures []*inlineFigure) *inlineFigure {
	if len(figures) == 0 {
		return nil
	}
	return figures[0]
}

// contents lists the sections. Two of them are there only when there is something
// to show, or a reason why not.
func contents(c *Content) []link {
	list := []link{
		{"summary", "Summary"}, {"trust", "How far to trust this"}, {"quality", "Data quality"},
		{"segments", "Segments"}, {"prediction", "Prediction"},
	}
	if c.Explanation != nil || c.Omitted["explanation"] != "" {
		list = append(list, link{"explanation", "Explanation"})
	}
	list = append(list, link{"correlation", "Correlation"}, link{"savings", "Savings"})
	if c.Drift != nil || c.Omitted["drift"] != "" {
		list = append(list, link{"drift", "Drift"})
	}
	return append(list, link{"recommendations", "Recommendations"}, link{"appendix", "Appendix"})
}

func (c *Content) title() string { return plain(cmp.Or(c.Title, "Customer report"), 200) }

// meta is the line below the title.
func (c *Content) meta() string {
	var parts []string
	source := plain(c.Source, 200)
	if c.Sample {
		parts = append(parts, "Sample data")
	}
	if source != "" && !slices.ContainsFunc(parts, func(p string) bool { return strings.EqualFold(p, source) }) {
		parts = append(parts, source)
	}
	parts = append(parts, counted(c.Quality.Kept, "customer", "customers"))
	if !c.Created.IsZero() {
		parts = append(parts, c.Created.Format("2 January 2006, 15:04 MST"))
	}
	return strings.Join(parts, " · ")
}

func (c *Content) footer() string {
	text := "Made with CohortLens"
	if c.Version != "" {
		text += " " + plain(c.Version, longest)
	}
	if c.Sample {
		text += " from sample data"
	}
	return text + "."
}

func (c *Content) missing() missing {
	return missing{
		Segmentation: c.why("segmentation", "The customers were not segmented."),
		Prediction:   c.why("prediction", "No prediction was made."),
		Explanation:  c.why("explanation", ""),
		Correlation:  c.why("correlation", "No correlation was computed."),
		Savings:      c.why("savings", "Savings were not estimated."),
		Recommendations: c.why("recommendations",
			"There are no recommendations, since no segment has one."),
		Drift: c.why("drift", ""),
	}
}

// why returns the sentence for a part that is not there.
func (c *Content) why(part, otherwise string) string {
	return plain(cmp.Or(c.Omitted[part], otherwise), 400)
}

func (c *Content) settings() []Setting {
	out := make([]Setting, len(c.Settings))
	for i, s := range c.Settings {
		out[i] = Setting{plain(s.Name, longest), plain(s.Value, 400)}
	}
	return out
}

// methods says how the figures were made.
func methods(c *Content) []string {
	list := []string{"Rows that break a rule, lack a value or repeat another row are counted in the section on data quality; no row disappears uncounted."}
	if s := c.Segmentation; s != nil {
		list = append(list, segmentMethod(s))
	}
	if p := c.Prediction; p != nil {
		list = append(list, fmt.Sprintf("Prediction: %s, tested on customers held out and by cross-validation. The verdict compares it with predicting the average.", algorithmName(string(p.Algorithm))))
	}
	if c.Explanation != nil {
		list = append(list, explanationMethod(c.Explanation))
	}
	if c.Correlation != nil {
		list = append(list, "Correlation: Pearson, over rows that have both values.")
	}
	return list
}

// explanationMethod says what the model predicts where a column is not known.
func explanationMethod(r *explain.Result) string {
	text := "Explanation: Shapley values, summed up over the indicators of a category. A column that is not known yet "
	switch r.Method {
	case explain.Linear:
		return text + "stands at its mean."
	case explain.PathDependent:
		return text + "goes both ways at a split of a tree, in proportion to the customers that the tree was grown from."
	}
	return text + "takes the values of a sample of customers, one after the other."
}

func segmentMethod(s *segment.Result) string {
	text := fmt.Sprintf("Segments: %s on standardised columns.", algorithmName(string(s.Algorithm)))
	if s.Algorithm == segment.DBSCAN {
		text += " It finds groups in which customers stand densely; who is near none of them is noise, and takes no part in the silhouette and the means of segments."
	}
	if n := len(s.Structure.Reference); n > 0 {
		text += fmt.Sprintf(" The verdict on structure compares the silhouette with that of %s without structure, made by shuffling each column on its own.",
			counted(n, "data set", "data sets"))
	}
	return text + " Segment numbers are those of exported files."
}

// algorithmName writes an algorithm's name for readers.
func algorithmName(name string) string {
	switch name {
	case "kmeans":
		return "k-means"
	case "gmm":
		return "a Gaussian mixture"
	case "dbscan":
		return "DBSCAN"
	case "mean":
		return "the average"
	}
	return strings.ReplaceAll(plain(name, longest), "_", " ")
}
