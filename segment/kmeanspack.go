package segment

import (
	"context"
	"math"
	"slices"

	"github.com/cohortlens/cohortlens/internal/kernel"
	"github.com/cohortlens/cohortlens/internal/par"
	"github.com/cohortlens/cohortlens/internal/stat"
)

// pack copies the rows in single precision and measures the spread of chunks of
// them in the same pass, since reading them takes longer than the work. Their frame
// is a guess, from a few rows, that leaves room for others much farther off.
func (m *kmeans) pack(ctx context.Context, workers int) ([]*kernel.Spread, error) {
	const room = 64
	groups := par.Count(m.n, kernel.GroupRows)
	m.frame = m.frameOfFew(room)
	m.packed, m.reaches = make([]float32, groups*kernel.GroupRows*m.d), make([]float32, groups)
	chunks := make([]*kernel.Spread, par.Count(m.n, chunkSize(m.n)))
	return chunks, par.Chunks(ctx, workers, m.n, chunkSize(m.n), func(chunk, low, high int) error {
		chunks[chunk] = kernel.NewSpread(m.d)
		chunks[chunk].Add(m.x[low*m.d : high*m.d])
		m.packRows(low, high)
		return nil
	})
}

// packAgain copies the rows once more, unless the guess was good.
func (m *kmeans) packAgain(ctx context.Context, extents []float64, workers int) error {
	if far := slices.Max(m.reaches); far > 0x1p-20 && far <= 1 {
		return nil
	}
	squared := 0.0
	for _, extent := range extents {
		squared += 4 * extent * extent
	}
	m.frame = m.frame.Resized(math.Sqrt(squared))
	return par.Chunks(ctx, workers, m.n, chunkSize(m.n), func(_, low, high int) error {
		m.packRows(low, high)
		return nil
	})
}

func (m *kmeans) packRows(low, high int) {
	from, to := low/kernel.GroupRows, par.Count(high, kernel.GroupRows)
	m.frame.Pack(m.x[low*m.d:high*m.d], m.packed[from*kernel.GroupRows*m.d:], m.reaches[from:to])
}

// frameOfFew returns a frame so many times as large as a few rows need. Its origin
// is their median, which outliers do not lead away from the others.
func (m *kmeans) frameOfFew(room float64) kernel.Frame {
	origin, few := make([]float64, m.d), min(m.n, 101)
	column, squared := make([]float64, few), 0.0
	for j := range origin {
		for i := range column {
			column[i] = m.x[i*m.n/few*m.d+j]
		}
		origin[j] = stat.Select(column, few/2)
		farthest := max(slices.Max(column)-origin[j], origin[j]-slices.Min(column))
		squared += farthest * farthest
	}
	return kernel.NewFrame(origin, room*math.Sqrt(squared))
}

// spread returns the variance of a feature, averaged over the features, and the
// largest and the least magnitude of each, that of zeros aside, from the spread of
// chunks.
func (p points) spread(chunks []*kernel.Spread) (variance float64, extents, leasts []float64) {
	extents, leasts = make([]float64, p.d), make([]float64, p.d)
	for j := range p.d {
		var sum, squares float64
		leasts[j] = math.Inf(1)
		for _, c := range chunks {
			s, q, largest, least := c.Column(j)
			sum, squares, extents[j], leasts[j] = sum+s, squares+q, max(extents[j], largest), min(leasts[j], least)
		}
		mean := sum / float64(p.n)
		variance += max(0, squares/float64(p.n)-mean*mean) / float64(p.d)
	}
	if p.w != nil {
		variance = p.weightedVariance()
	}
	return variance, extents, leasts
}

// weightedVariance is the variance of a feature, averaged over the features.
func (p points) weightedVariance() float64 {
	variance, column := 0.0, make([]float64, p.n)
	for j := range p.d {
		for i := range column {
			column[i] = p.x[i*p.d+j]
		}
		_, std := meanStd(column, p.w)
		variance += std * std / float64(p.d)
	}
	return variance
}
