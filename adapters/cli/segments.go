package cli

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/cohortlens/cohortlens/adapters/service"
)

func (p *printer) segmentDocument(d *service.SegmentDocument) {
	p.quality(d.Source, d.Quality)
	p.gap()
	p.segments(d)
	p.gap()
	p.structure(d)
	p.migration(d.Migration)
	p.gap()
	p.recommendations(d)
	p.notes(d.Notes)
	p.written("Segments", d.Out)
	p.written("Model", d.Model)
}

// mostMeans is the number of columns that fit beside the names of segments.
const mostMeans = 5

// segments prints one row for each segment, and one for noise.
func (p *printer) segments(d *service.SegmentDocument) {
	if d.K == 0 {
		p.line("No segment was found: all %s are noise.", plural(d.Noise, "customer"))
		return
	}
	shown := d.Features[:min(len(d.Features), mostMeans)]
	head := []string{"", "segment", "customers", "share"}
	if len(d.Stability) > 0 {
		head = append(head, "stability")
	}
	rows := [][]string{append(head, shown...)}
	means := meansOf(d.Segments, shown)
	for i, s := range d.Segments {
		row := []string{strconv.Itoa(s.ID), s.Label, count(s.Size), share(s.Share)}
		if len(d.Stability) > 0 {
			row = append(row, figure(d.Stability[i].Jaccard))
		}
		rows = append(rows, append(row, means[i]...))
	}
	if d.Noise > 0 {
		rows = append(rows, []string{"-1", "noise", count(d.Noise), share(service.Number(float64(d.Noise) / float64(d.Rows)))})
	}
	p.table(rows, 2)
	if more := len(d.Features) - len(shown); more > 0 {
		p.line("  (means of the %d columns that differ most; %d more with --json)", len(shown), more)
	}
}

// meansOf returns the cells of each segment.
func meansOf(segments []service.Segment, columns []string) [][]string {
	cells := make([][]string, len(segments))
	for _, c := range columns {
		var means []service.Number
		for _, s := range segments {
			means = append(means, s.Means[c])
		}
		for i, text := range figures(means...) {
			cells[i] = append(cells[i], text)
		}
	}
	return cells
}

func (p *printer) structure(d *service.SegmentDocument) {
	p.paragraph("Structure: " + d.Structure.Verdict + ". " + d.Structure.Evidence)
	if len(d.Scores) > 1 {
		p.paragraph(choice(d))
	}
	if m := d.Mixture; m != nil && !m.Converged {
		p.paragraph(fmt.Sprintf("Note: the mixture did not converge in %s; raise models.segmentation.max_iter.", plural(m.Iterations, "iteration")))
	}
	p.stability(d)
}

// choice says by what the number of segments was chosen.
func choice(d *service.SegmentDocument) string {
	first, last := d.Scores[0].K, d.Scores[len(d.Scores)-1].K
	by := "the best silhouette (" + figure(d.Silhouette) + ")"
	if d.Criterion == "bic" {
		by = "the least BIC (" + figure(d.Mixture.BIC) + ")"
	}
	return fmt.Sprintf("Number of segments: %d, %s of those from %d to %d.", d.K, by, first, last)
}

// stability says which segments may be accidents of this table.
func (p *printer) stability(d *service.SegmentDocument) {
	if len(d.Stability) == 0 {
		return
	}
	var weak []string
	for _, s := range d.Stability {
		if s.Verdict != "stable" {
			weak = append(weak, fmt.Sprintf("%d (%s)", s.Segment, s.Verdict))
		}
	}
	text := "Stability: every segment is found again when the customers are drawn anew."
	if len(weak) > 0 {
		text = "Stability: when the customers are drawn anew, these segments are not found again as they are: " + strings.Join(weak, ", ") + "."
	}
	p.paragraph(text)
}

// mostMatched is the number of segments, before or now, whose matrix fits.
const mostMatched = 12

// migration says who moved since a previous model. In the matrix, brackets mark
// the segment that continues a previous one.
func (p *printer) migration(m *service.Migration) {
	if m == nil {
		return
	}
	p.gap()
	p.paragraph(fmt.Sprintf("Since %s: %s (%s) moved to another segment.", m.Previous, plural(m.Moved, "customer"), share(m.MovedShare)))
	before, now := len(m.Matrix)-1, len(m.Matrix[0])-1
	if max(before, now) > mostMatched {
		p.line("  (the matrix of %d by %d segments is there with --json)", before, now)
		return
	}
	head := []string{"", "before \\ now"}
	for id := range now {
		head = append(head, strconv.Itoa(id))
	}
	rows := [][]string{append(head, "none")}
	for from, g := range m.PreviousSegments {
		rows = append(rows, append([]string{strconv.Itoa(g.ID), g.Label}, moved(m.Matrix[from], m.Matched[from])...))
	}
	rows = append(rows, append([]string{"", "none"}, moved(m.Matrix[before], now)...))
	p.table(rows, 2)
}

// moved writes a row of the matrix.
func moved(counts []int, continued int) []string {
	cells := make([]string, len(counts))
	for to, n := range counts {
		cells[to] = count(n) + " "
		if to == continued {
			cells[to] = "[" + count(n) + "]"
		}
	}
	return cells
}

func (p *printer) recommendations(d *service.SegmentDocument) {
	for _, s := range d.Segments {
		if s.Recommendation != "" {
			p.line("  %d  %s", s.ID, s.Recommendation)
		}
	}
}

// mostCustomers is the number of customers that are printed one by one.
const mostCustomers = 20

func (p *printer) assignDocument(d *service.AssignDocument) {
	p.paragraph(fmt.Sprintf("%s: %s assigned by %s (%s).", d.Source, plural(d.Rows, "customer"), d.Model, d.Algorithm))
	p.gap()
	p.assigned(d)
	if len(d.Assignments) > 0 {
		p.gap()
		p.customers(d)
	}
	p.notes(d.Notes)
	p.written("Assignments", d.Out)
}

func (p *printer) assigned(d *service.AssignDocument) {
	of := func(n int) string { return share(service.Number(float64(n) / float64(max(1, d.Rows)))) }
	rows := [][]string{{"", "segment", "customers", "share"}}
	for _, s := range d.Segments {
		rows = append(rows, []string{strconv.Itoa(s.ID), s.Label, count(s.Size), share(s.Share)})
	}
	if d.Noise > 0 {
		rows = append(rows, []string{"-1", "noise", count(d.Noise), of(d.Noise)})
	}
	if d.Incomplete > 0 {
		rows = append(rows, []string{"-1", "incomplete", count(d.Incomplete), of(d.Incomplete)})
	}
	p.table(rows, 2)
}

func (p *printer) customers(d *service.AssignDocument) {
	rows := [][]string{{"customer_id", "cluster"}}
	for _, a := range d.Assignments[:min(len(d.Assignments), mostCustomers)] {
		rows = append(rows, []string{a.CustomerID, strconv.Itoa(a.Cluster)})
	}
	p.table(rows, 1)
	if more := len(d.Assignments) - mostCustomers; more > 0 {
		p.line("  (the first %d; %s more with --json or --out F.csv)", mostCustomers, count(more))
	}
}
