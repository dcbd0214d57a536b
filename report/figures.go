package report

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/cohortlens/cohortlens/internal/par"
)

// figure is one drawing with the words around it.
type figure struct {
	kind, name, file string
	// title and caption are for all readers; description says in words what
	// those see who see the drawing.
	title, caption, description string
	plot                        plot
}

// figureKind makes the figures of one name. build returns none when the content
// lacks the part that they show.
type figureKind struct {
	name  string
	files []string
	build func(c *Content, f face) ([]*figure, error)
}

func figureKinds() []figureKind {
	return []figureKind{
		single("clusters", "clusters.png", clustersFigure),
		single("prediction", "prediction_vs_actual.png", predictionFigure),
		single("importance", "importance.png", importanceFigure),
		{"waterfalls", numbered("waterfall_%d.png", mostWaterfalls), waterfallFigures},
		single("correlation", "correlation.png", correlationFigure),
		single("savings", "savings.png", savingsFigure),
		single("gender", "gender.png", genderFigure),
		{"drift", numbered("drift_%d.png", mostDrawn), driftFigures},
	}
}

// single is a kind that has one figure, nil where it has nothing to show.
func single(name, file string, build func(c *Content, f face) (*figure, error)) figureKind {
	return figureKind{name, []string{file}, func(c *Content, f face) ([]*figure, error) {
		fig, err := build(c, f)
		if fig == nil || err != nil {
			return nil, err
		}
		return []*figure{fig}, nil
	}}
}

// numbered returns the names of so many files.
func numbered(format string, n int) []string {
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprintf(format, i)
	}
	return names
}

// FigureNames returns the names that Options.Figures may hold, in the order of
// the report.
func FigureNames() []string {
	kinds := figureKinds()
	names := make([]string, len(kinds))
	for i, k := range kinds {
		names[i] = k.name
	}
	return names
}

// FigureFiles returns the names of the files that [WriteFigures] may write, in
// the order of [FigureNames].
func FigureFiles() []string {
	var files []string
	for _, k := range figureKinds() {
		files = append(files, k.files...)
	}
	return files
}

// buildFigures lays out the named figures, in the order of the report and
// without those that have nothing to show.
func buildFigures(c *Content, names []string, f face) ([]*figure, error) {
	var figures []*figure
	for _, k := range figureKinds() {
		if !slices.Contains(names, k.name) {
			continue
		}
		some, err := k.build(c, f)
		if err != nil {
			return nil, fmt.Errorf("report: figure %s: %w", k.name, err)
		}
		for i, fig := range some {
			fig.kind, fig.name, fig.file = k.name, k.name, k.files[i]
			if i > 0 {
				fig.name = fmt.Sprintf("%s-%d", k.name, i+1)
			}
			figures = append(figures, fig)
		}
	}
	return figures, nil
}

// WriteFigures draws the figures of the report as PNG files into a folder, which
// it makes if need be, and returns their paths. The files are those of
// [FigureFiles]; a figure whose part of the content is nil is left out, and an
// older file of its name is left alone. All figures are drawn before the first file is written;
// each file is complete or not there. Figures are drawn in parallel; a scatter
// of more than 5,000 points shows evenly spaced rows and says so in its caption.
func WriteFigures(ctx context.Context, dir string, c *Content, o Options) ([]string, error) {
	o, err := o.checked()
	if err != nil {
		return nil, err
	}
	if err := c.check(); err != nil {
		return nil, err
	}
	f, err := loadFace()
	if err != nil {
		return nil, fmt.Errorf("report: load the font: %w", err)
	}
	figures, err := buildFigures(c, o.Figures, f)
	if err != nil {
		return nil, err
	}
	surfaces := rasterProvider(f)
	files, err := drawAll(ctx, figures, func(fig *figure, w io.Writer) error {
		return fig.plot.render(surfaces, w, o.DPI, f)
	})
	if err != nil {
		return nil, err
	}
	return writeFiles(dir, figures, files)
}

// drawAll draws each figure into memory, in parallel.
func drawAll(ctx context.Context, figures []*figure, draw func(*figure, io.Writer) error) ([][]byte, error) {
	out := make([][]byte, len(figures))
	err := par.Each(ctx, 0, len(figures), func(i int) error {
		var b writeBuffer
		if err := draw(figures[i], &b); err != nil {
			return fmt.Errorf("report: draw figure %s: %w", figures[i].name, err)
		}
		out[i] = b
		return nil
	})
	return out, err
}

// writeBuffer gathers what is written.
type writeBuffer []byte

func (b *writeBuffer) Write(p []byte) (int, error) {
	*b = append(*b, p...)
	return len(p), nil
}

func writeFiles(dir string, figures []*figure, files [][]byte) ([]string, error) {
	if len(figures) == 0 {
		return nil, nil
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("report: make the folder for figures: %w", err)
	}
	paths := make([]string, len(figures))
	for i, fig := range figures {
		paths[i] = filepath.Join(dir, fig.file)
		if err := replaceFile(paths[i], files[i], 0o644); err != nil {
			return nil, fmt.Errorf("report: write figure %s: %w", fig.name, err)
		}
	}
	return paths, nil
}

// replaceFile writes a file under another name first, so that the file itself is
// never seen half written.
func replaceFile(path string, data []byte, mode fs.FileMode) error {
	temp, err := os.CreateTemp(filepath.Dir(path), ".figure-*")
	if err != nil {
		return err
	}
	_, err = temp.Write(data)
	err = errors.Join(err, temp.Chmod(mode), temp.Close())
	if err == nil {
		err = os.Rename(temp.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(temp.Name()))
	}
	return nil
}
