package report

import (
	"fmt"
	"strings"

	"github.com/cohortlens/cohortlens/datasource"
	"github.com/cohortlens/cohortlens/insights"
	"github.com/cohortlens/cohortlens/internal/stat"
	"github.com/cohortlens/cohortlens/predict"
	"github.com/cohortlens/cohortlens/segment"
)

// Grades in the style sheet.
const (
	good = "good"
	fair = "fair"
	poor = "poor"
)

// card is one headline figure.
type card struct{ Name, Value, Note string }

// judgement says how far to trust one part.
type judgement struct{ Subject, Grade, Class, Text string }

// summary says in one paragraph what the report holds.
func summary(c *Content) string {
	sentences := []string{summarizeData(c)}
	if c.Segmentation != nil {
		sentences = append(sentences, structureSentence(c.Segmentation))
		if largest, ok := largestSegment(c.Segmentation); ok {
			sentences = append(sentences, fmt.Sprintf("The largest segment, %s, holds %s of the customers.", quoted(largest.Label), percent(largest.Share)))
		}
	}
	if c.Prediction != nil {
		sentences = append(sentences, skillSentence(c.Prediction))
	}
	if s := c.Savings; s != nil && s.Rows > 0 {
		sentences = append(sentences, fmt.Sprintf("By the estimate used here, the median customer %s, and %s more than they earn.", keeps(s.Median), spenders(s.Negative)))
	}
	if c.Drift != nil {
		sentences = append(sentences, driftSentence(c.Drift))
	}
	return strings.Join(sentences, " ")
}

func summarizeData(c *Content) string {
	q := c.Quality
	text := "This report describes " + counted(q.Kept, "customer", "customers")
	if c.Sample {
		text += " of the sample data"
	}
	if q.Kept < q.Rows {
		return text + fmt.Sprintf(", %s of the %s rows that were read.", percentOf(q.Kept, q.Rows), count(q.Rows))
	}
	return text + "; every row that was read is in it."
}

func spenders(n int) string {
	if n == 0 {
		return "nobody spends"
	}
	return counted(n, "customer spends", "customers spend")
}

// keeps says what a customer with these savings, in percent, does with the income.
func keeps(savings float64) string {
	if savings < 0 {
		return "spends " + points(-savings) + " more than they earn"
	}
	return "keeps " + points(savings) + " of income after spending"
}

func largestSegment(s *segment.Result) (segment.Segment, bool) {
	top := largest(s.Segments, 1, func(g segment.Segment) float64 { return float64(g.Size) })
	if len(top) == 0 {
		return segment.Segment{}, false
	}
	return top[0], true
}

// structureSentence says whether the segments are there or made.
func structureSentence(s *segment.Result) string {
	switch len(s.Segments) {
	case 0:
		return "The customers have no segments: nowhere do they stand densely enough to form one."
	case 1:
		return "The customers form a single segment, so there is nothing to tell apart."
	}
	k := counted(len(s.Segments), "segment", "segments")
	text := fmt.Sprintf("The data has no clear segments: %s. Take the division into %s as a convenience, not as a discovery.", doubt(s.Structure), k)
	switch s.Structure.Verdict {
	case segment.StrongStructure:
		text = fmt.Sprintf("The customers fall into %s that are clearly apart.", k)
	case segment.WeakStructure:
		text = fmt.Sprintf("The customers can be divided into %s, but their borders are soft: many customers stand between two.", k)
	}
	if s.Noise > 0 {
		text += fmt.Sprintf(" %s of the customers belong to none of them.", percentOf(s.Noise, len(s.Labels)))
	}
	return text
}

// doubt says how close draws without structure come to the silhouette of the data,
// by those of the two kinds that come closer.
func doubt(s segment.Structure) string {
	const near = 0.05 // silhouettes that differ by less look alike
	draws, what := s.Reference, "without any structure"
	mean, reached := compareDraws(draws, s.Silhouette)
	if m, r := compareDraws(s.Correlated, s.Silhouette); r > reached || r == reached && m > mean {
		draws, what, mean, reached = s.Correlated, "with the same correlations and no more structure", m, r
	}
	switch n := len(draws); {
	case n == 0:
		return "they were not compared with what chance would make"
	case s.Silhouette-mean < near:
		return fmt.Sprintf("data %s, divided in the same way, looks much the same", what)
	case reached > 0:
		return fmt.Sprintf("of %s %s, divided in the same way, %s as clear or clearer", counted(n, "data set", "data sets"), what, counted(reached, "looks", "look"))
	default:
		return fmt.Sprintf("data %s, divided in the same way, can look almost as clear", what)
	}
}

// compareDraws returns the mean of the draws, NaN without any, and how many of them
// reach a silhouette.
func compareDraws(draws []float64, silhouette float64) (mean float64, reached int) {
	var m stat.Moments
	m.Add(draws)
	for _, d := range draws {
		if d >= silhouette {
			reached++
		}
	}
	return m.Mean(), reached
}

// noBetter is said wherever a worthless prediction is shown.
const noBetter = "no better than predicting the average"

// skillSentence says what the prediction is worth.
func skillSentence(p *predict.Result) string {
	target := plain(p.Target, longest)
	switch p.Verdict.Level {
	case predict.StrongSkill:
		return fmt.Sprintf("%s can be predicted well: squared errors are %s smaller than those of predicting the average.", target, percent(p.Verdict.Skill))
	case predict.UsefulSkill:
		return fmt.Sprintf("%s can be predicted usefully: squared errors are %s smaller than those of predicting the average.", target, percent(p.Verdict.Skill))
	case predict.WeakSkill:
		return fmt.Sprintf("%s can be predicted only a little better than by its average: squared errors are %s smaller.", target, percent(p.Verdict.Skill))
	}
	return fmt.Sprintf("This model of %s is %s.", target, noBetter)
}

// skillText is the predictor's own verdict, which must not be kinder than ours.
func skillText(p *predict.Result) string {
	own := plain(p.Verdict.Text, 600)
	if own == "" || worthless(p) && !strings.Contains(strings.ToLower(own), noBetter) {
		return strings.TrimSpace(skillSentence(p) + " " + own)
	}
	return own
}

func cards(c *Content) []card {
	q := c.Quality
	list := []card{{"Customers", count(q.Kept), fmt.Sprintf("%s of %s rows read", percentOf(q.Kept, q.Rows), count(q.Rows))}}
	if s := c.Segmentation; s != nil {
		list = append(list, card{"Segments", count(len(s.Segments)), "structure: " + strings.ToLower(structureGrade(s).Grade)})
		if top, ok := largestSegment(s); ok {
			list = append(list, card{"Largest segment", percent(top.Share), plain(top.Label, longest)})
		}
	}
	if s := c.Segmentation; s != nil && s.Noise > 0 {
		list = append(list, card{"Noise", percentOf(s.Noise, len(s.Labels)), counted(s.Noise, "customer", "customers") + " in no segment"})
	}
	if p := c.Prediction; p != nil {
		list = append(list, skillCard(p))
	}
	if s := c.Savings; s != nil {
		list = append(list,
			savingsCard(s),
			card{"Spend above income", percentOf(s.Negative, s.Rows), counted(s.Negative, "customer", "customers") + ", by estimate"})
	}
	return list
}

func skillCard(p *predict.Result) card {
	if worthless(p) {
		return card{"Prediction", "No skill", noBetter}
	}
	return card{"Prediction", percent(p.Verdict.Skill), "less squared error than the average"}
}

func savingsCard(s *insights.Savings) card {
	if s.Median < 0 {
		return card{"Median overspending", points(-s.Median), "of income, by estimate"}
	}
	return card{"Median savings", points(s.Median), "of income left, by estimate"}
}

func worthless(p *predict.Result) bool {
	switch p.Verdict.Level {
	case predict.WeakSkill, predict.UsefulSkill, predict.StrongSkill:
		return false
	}
	return true
}

// trust judges the parts of the report.
func trust(c *Content) []judgement {
	var list []judgement
	if c.Segmentation != nil {
		list = append(list, structureGrade(c.Segmentation))
		list = append(list, stabilityGrade(c.Segmentation)...)
	}
	if c.Prediction != nil {
		list = append(list, skillGrade(c.Prediction))
	}
	if c.Drift != nil {
		list = append(list, driftGrade(c.Drift))
	}
	return append(list, dataGrade(c.Quality))
}

func structureGrade(s *segment.Result) judgement {
	j := judgement{"Segments", "Not clear", poor, structureText(s)}
	switch s.Structure.Verdict {
	case segment.StrongStructure:
		j.Grade, j.Class = "Strong", good
	case segment.WeakStructure:
		j.Grade, j.Class = "Weak", fair
	}
	return j
}

// stabilityGrade judges the segments by how they come back when the customers are
// drawn anew, if that was measured.
func stabilityGrade(s *segment.Result) []judgement {
	if len(s.Stability) == 0 {
		return nil
	}
	stable, unstable := 0, 0
	for _, one := range s.Stability {
		switch one.Verdict {
		case segment.Stable:
			stable++
		case segment.Unstable:
			unstable++
		}
	}
	k := len(s.Stability)
	j := judgement{"Stability", "Doubtful", fair, fmt.Sprintf("When the customers are drawn anew, %s of %s found again as they are.",
		count(stable), counted(k, "segment is", "segments are"))}
	switch {
	case stable == k:
		j.Grade, j.Class, j.Text = "Stable", good, "When the customers are drawn anew, every segment is found again."
	case 2*unstable > k:
		j.Grade, j.Class = "Unstable", poor
	}
	return []judgement{j}
}

// structureText is the segmentation's own verdict, which must not be kinder than
// ours.
func structureText(s *segment.Result) string {
	own := plain(s.Structure.Evidence, 600)
	if strings.Contains(own, "no clear segments") {
		return own
	}
	return strings.TrimSpace(structureSentence(s) + " " + own)
}

func skillGrade(p *predict.Result) judgement {
	j := judgement{"Prediction", "No skill", poor, skillText(p)}
	switch p.Verdict.Level {
	case predict.StrongSkill:
		j.Grade, j.Class = "Strong", good
	case predict.UsefulSkill:
		j.Grade, j.Class = "Useful", good
	case predict.WeakSkill:
		j.Grade, j.Class = "Weak", fair
	}
	return j
}

// dataGrade judges by the share of rows that are analysed and break no rule.
func dataGrade(q datasource.Quality) judgement {
	sound := soundRows(q)
	j := judgement{"Data", "Many problems", poor, dataText(q, sound)}
	switch share := float64(sound) / float64(max(q.Rows, 1)); {
	case share >= 0.95:
		j.Grade, j.Class = "Good", good
	case share >= 0.75:
		j.Grade, j.Class = "Some problems", fair
	}
	return j
}

func soundRows(q datasource.Quality) int {
	if q.Policy == datasource.Keep {
		return max(0, q.Kept-q.BadRows)
	}
	return q.Kept
}

func dataText(q datasource.Quality, sound int) string {
	share := percentOf(sound, q.Rows) + " of the rows read are sound"
	switch {
	case q.Rows == 0:
		return "No row was read."
	case sound == q.Rows:
		return "Every row that was read is complete and keeps all rules."
	case q.Policy == datasource.Keep && q.BadRows > 0:
		return share + "; " + counted(q.BadRows, "row breaks a rule and was", "rows break a rule and were") + " kept, as asked."
	}
	return share + ". What is left out may differ from what is shown."
}

func quoted(s string) string { return "“" + plain(s, longest) + "”" }
