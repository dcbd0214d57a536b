package report

import (
	"bytes"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

func writeHTML(t testing.TB, c *Content, o Options) string {
	t.Helper()
	var b bytes.Buffer
	if err := WriteHTML(&b, c, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// parse reads a page and returns all of its elements in order.
func parse(t testing.TB, page string) []*html.Node {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	var all []*html.Node
	for n := range root.Descendants() {
		if n.Type == html.ElementNode {
			all = append(all, n)
		}
	}
	return all
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// byID returns the element with an ID, nil when there is none.
func byID(nodes []*html.Node, id string) *html.Node {
	for _, n := range nodes {
		if attribute(n, "id") == id {
			return n
		}
	}
	return nil
}

// textOf returns the text of an element, drawings left out, one line for each
// block and a bar between cells.
func textOf(n *html.Node) string {
	var b strings.Builder
	var walk func(*html.Node)
	walk = func(n *html.Node) {
		if n.Type == html.TextNode {
			b.WriteString(strings.Join(strings.Fields(n.Data), " "))
		}
		if n.Data == "svg" {
			b.WriteString("[drawing]")
			return
		}
		for c := range n.ChildNodes() {
			walk(c)
		}
		switch n.Data {
		case "td", "th", "dt", "dd", "span":
			b.WriteString(" | ")
		case "p", "tr", "li", "h2", "h3", "caption", "div", "figure", "figcaption":
			b.WriteByte('\n')
		}
	}
	walk(n)
	var lines []string
	for line := range strings.Lines(b.String()) {
		if line = strings.Trim(line, " |\n"); line != "" {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}

func sectionText(t testing.TB, page, id string) string {
	t.Helper()
	n := byID(parse(t, page), id)
	if n == nil {
		t.Fatalf("the page has no section %s", id)
	}
	return textOf(n)
}
