package report

import (
	"bytes"
	"context"
	"embed"
	"fmt"
	"html/template"
	"io"
	"strings"
	"sync"
)

//go:embed page
var pageFiles embed.FS

// loadTemplate parses the page once.
var loadTemplate = sync.OnceValues(func() (*template.Template, error) {
	return template.ParseFS(pageFiles, "page/*.gohtml")
})

// svgDPI sets the grid of drawings in the page: 960 by 630 units for most, whatever size
// they are shown at.
const svgDPI = 150

// WriteHTML writes the report as one HTML file that needs nothing else: style and
// figures are part of it, it runs no script and asks no other host for anything.
// Text from the content is escaped wherever it goes. A nil part becomes a
// sentence with the reason from c.Omitted; NaN is shown as "n/a". The same
// content and options give the same bytes. Nothing is written when an error
// other than w's is returned.
func WriteHTML(w io.Writer, c *Content, o Options) error {
	o, err := o.checked()
	if err != nil {
		return err
	}
	if err := c.check(); err != nil {
		return err
	}
	figures, err := inlineFigures(c, o.Figures)
	if err != nil {
		return err
	}
	page, err := newPage(c, o, figures)
	if err != nil {
		return err
	}
	t, err := loadTemplate()
	if err != nil {
		return fmt.Errorf("report: parse the page: %w", err)
	}
	var b bytes.Buffer
	if err := t.ExecuteTemplate(&b, "report", page); err != nil {
		return fmt.Errorf("report: fill the page: %w", err)
	}
	if _, err := w.Write(b.Bytes()); err != nil {
		return fmt.Errorf("report: write HTML: %w", err)
	}
	return nil
}

// inlineFigure is a figure as part of the page.
type inlineFigure struct {
	Name, Title, Caption string
	SVG                  template.HTML
}

// inlineFigures draws the named figures as SVG.
func inlineFigures(c *Content, names []string) (map[string][]*inlineFigure, error) {
	f, err := loadFace()
	if err != nil {
		return nil, fmt.Errorf("report: load the font: %w", err)
	}
	figures, err := buildFigures(c, names, f)
	if err != nil {
		return nil, err
	}
	drawn, err := drawAll(context.Background(), figures, func(fig *figure, w io.Writer) error {
		return fig.plot.render(svgProvider("figure-"+fig.name, fig.title, fig.description, f), w, svgDPI, f)
	})
	if err != nil {
		return nil, err
	}
	out := make(map[string][]*inlineFigure, len(figures))
	for i, fig := range figures {
		// The drawing is markup of our own; svgSurface escapes all text in it.
		out[fig.kind] = append(out[fig.kind], &inlineFigure{fig.name, fig.title, fig.caption, template.HTML(drawn[i])})
	}
	return out, nil
}

// style returns the page's style sheet, with a class for each segment colour.
func style() (template.CSS, error) {
	sheet, err := pageFiles.ReadFile("page/style.css")
	if err != nil {
		return "", fmt.Errorf("report: read the style sheet: %w", err)
	}
	var b strings.Builder
	b.Write(sheet)
	for id, c := range segmentColors {
		fmt.Fprintf(&b, ".%s { --c: %s; --on: %s; }\n", colorClass(id), hex(c), hex(onColor(c)))
	}
	fmt.Fprintf(&b, ".noise { --c: %s; --on: %s; }\n", hex(noiseColor), hex(onColor(noiseColor)))
	return template.CSS(b.String()), nil
}

// colorClass names the style of a segment's colour.
func colorClass(id int) string { return fmt.Sprintf("c%d", id%len(segmentColors)) }
