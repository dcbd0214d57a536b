package report

import (
	"io"
	"os"
	"testing"
)

func TestLook(t *testing.T) {
	c := fixture(t)
	paths, err := WriteFigures(t.Context(), "/tmp/report/look", c, Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Log(paths)
	f, _ := loadFace()
	figs, _ := buildFigures(c, FigureNames(), f)
	for _, fig := range figs {
		o, _ := os.Create("/tmp/report/look/" + fig.name + ".svg")
		if err := fig.plot.render(svgProvider(fig.name, fig.title, fig.description, f), o, 150, f); err != nil {
			t.Fatal(err)
		}
	}
}

func BenchmarkFigures(b *testing.B) {
	c := fixture(b)
	f, _ := loadFace()
	figs, _ := buildFigures(c, FigureNames(), f)
	for _, fig := range figs {
		b.Run("PNG/"+fig.name, func(b *testing.B) {
			for b.Loop() {
				fig.plot.render(rasterProvider(f), io.Discard, 150, f)
			}
		})
		b.Run("SVG/"+fig.name, func(b *testing.B) {
			for b.Loop() {
				fig.plot.render(svgProvider("x", fig.title, fig.description, f), io.Discard, 150, f)
			}
		})
	}
}

func TestLookHTML(t *testing.T) {
	o, _ := os.Create("/tmp/report/look/report.html")
	defer o.Close()
	if err := WriteHTML(o, fixture(t), Options{}); err != nil {
		t.Fatal(err)
	}
}
func BenchmarkHTML(b *testing.B) {
	c := fixture(b)
	for b.Loop() {
		if err := WriteHTML(io.Discard, c, Options{}); err != nil {
			b.Fatal(err)
		}
	}
}
