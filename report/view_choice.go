package report

import (
	"fmt"
	"strings"

	"github.com/cohortlens/cohortlens/segment"
)

// choiceView shows the measures of the numbers of segments that were tried.
type choiceView struct {
	Title string
	// Cost names the last column, "" for none.
	Cost string
	Rows []scoreRow
	Note string
}

type scoreRow struct {
	K, Silhouette, Width, DaviesBouldin, CalinskiHarabasz, Cost string
	Chosen                                                      bool
}

// newChoiceView returns nil when there is nothing to measure: groups of DBSCAN
// that are fewer than two.
func newChoiceView(s *segment.Result) *choiceView {
	if len(s.Scores) == 0 || s.Algorithm == segment.DBSCAN && len(s.Segments) < 2 {
		return nil
	}
	v := &choiceView{Title: "Choice of the number of segments", Rows: scoreRows(s), Cost: costName(s), Note: measuresNote(s)}
	switch {
	case s.Algorithm == segment.DBSCAN:
		v.Title = "Quality of the segments, whose number follows from the density"
	case len(s.Scores) == 1:
		v.Title = "Quality of the segments, whose number was given"
	}
	return v
}

// costName names the measure that the algorithm itself makes small.
func costName(s *segment.Result) string {
	switch s.Algorithm {
	case segment.GMM:
		return "BIC"
	case segment.DBSCAN:
		return ""
	}
	return "Inertia"
}

// scoreRows lists the numbers of segments that were tried; bars compare with the
// best.
func scoreRows(s *segment.Result) []scoreRow {
	best := 0.0
	for _, score := range s.Scores {
		best = max(best, score.Silhouette)
	}
	rows := make([]scoreRow, 0, len(s.Scores))
	for _, sc := range s.Scores {
		row := scoreRow{
			K: count(sc.K), Silhouette: score(sc.Silhouette), Width: width(sc.Silhouette / best),
			DaviesBouldin: notAvailable, CalinskiHarabasz: notAvailable,
			Cost: number(sc.Inertia), Chosen: sc.K == len(s.Segments),
		}
		if s.Algorithm == segment.GMM {
			row.Cost = number(sc.BIC)
		}
		if sc.K > 1 {
			row.DaviesBouldin, row.CalinskiHarabasz = score(sc.DaviesBouldin), number(sc.CalinskiHarabasz)
		}
		rows = append(rows, row)
	}
	return rows
}

// measuresNote explains the columns, and says which number each of them prefers.
func measuresNote(s *segment.Result) string {
	text := "The silhouette says how much closer customers are to their own segment than to the next: 1 is perfect, 0 is no difference. " +
		"Davies-Bouldin (lower is better) and Calinski-Harabasz (higher is better) judge the same division in other ways."
	switch s.Algorithm {
	case segment.GMM:
		text += " BIC weighs the fit of the mixture against the number of its parameters: lower is better."
	case segment.KMeans:
		text += " Inertia is the squared distance to the centres, which always falls as segments are added."
	}
	if len(s.Scores) > 1 {
		text += " " + preferences(s)
	}
	return text
}

// preferences says which number of segments each measure prefers.
func preferences(s *segment.Result) string {
	type measure struct {
		name string
		of   func(segment.Score) float64 // the greater, the better
	}
	list := []measure{
		{"the silhouette", func(s segment.Score) float64 { return s.Silhouette }},
		{"Davies-Bouldin", func(s segment.Score) float64 { return -s.DaviesBouldin }},
		{"Calinski-Harabasz", func(s segment.Score) float64 { return s.CalinskiHarabasz }},
	}
	if s.Mixture != nil {
		list = append(list, measure{"BIC", func(s segment.Score) float64 { return -s.BIC }})
	}
	parts := make([]string, len(list))
	same := true
	for i, m := range list {
		best := largest(s.Scores, 1, m.of)[0].K
		parts[i] = fmt.Sprintf("%s %d", m.name, best)
		same = same && best == len(s.Segments)
	}
	if same {
		return fmt.Sprintf("They all prefer %d.", len(s.Segments))
	}
	return "They do not all prefer the same number: " + strings.Join(parts, ", ") + "."
}

// mixtureText says how the fit of a mixture ended, "" for other algorithms.
func mixtureText(s *segment.Result) string {
	m := s.Mixture
	if m == nil {
		return ""
	}
	text := fmt.Sprintf("The segments are the components of a Gaussian mixture with %s. ", covarianceName(m.Covariance))
	if m.Converged {
		return text + fmt.Sprintf("Its fit converged after %s.", counted(m.Iterations, "iteration", "iterations"))
	}
	return text + fmt.Sprintf("Its fit did not converge in %s: a better one may exist.", counted(m.Iterations, "iteration", "iterations"))
}

func covarianceName(c segment.Covariance) string {
	switch c {
	case segment.TiedCovariance:
		return "one covariance for all"
	case segment.DiagonalCovariance:
		return "a variance for each column"
	case segment.SphericalCovariance:
		return "one variance for all columns"
	}
	return "a covariance of their own"
}
