package datasource

import (
	"strings"
	"testing"
)

func TestSniff(t *testing.T) {
	tests := map[string]struct {
		sample string
		want   byte
	}{
		"commas":                          {"a,b\n1,2\n", ','},
		"semicolons with decimal commas":  {"a;b\n1,5;2\n3;4,5\n", ';'},
		"all rows agree on one":           {"a;b,c\n1;2\n3;4\n", ';'},
		"quoted delimiters":               {"\"a;b\",\"c;d\"\n\"1;2\",3\n", ','},
		"quoted line breaks":              {"a\tb\n\"x,\ny\"\t2\n", '\t'},
		"doubled quotes":                  {"a|b\n\"x\"\"|\"\"\"|2\n", '|'},
		"CRLF":                            {"a|b\r\n\"1\"|\"2\"\r\n", '|'},
		"CRLF after quotes":               {"a|b;c\r\n\"1\"|\"2\"\r\n", '|'},
		"blank lines":                     {"\n\na;b\n\n1;2\n \n", ';'},
		"one column":                      {"a\n1\n", ','},
		"a short row keeps the header's":  {"a;b;c\n1;2\n", ';'},
		"a last row that is cut off":      {"a;b\n1;2\n3", ';'},
		"quote in the middle of a cell":   {"a;b\n1;x\"y\n", ';'},
		"quote that is open at the end":   {"a;b\n1;\"x,y\n", ';'},
		"nothing":                         {"", ','},
		"one row longer than the sample":  {"a;b", ','},
		"two fit":                         {"a;b,c\n1;2,3\n", 0},
		"none fits":                       {"a;b,c\n1;2;3,4,5\n", 0},
		"only rows hold a delimiter":      {"a\n1;2\n", 0},
		"only the header holds delimiter": {"a,b\n1\n", ','},
	}
	for name, test := range tests {
		got, fault := sniff([]byte(test.sample), false)
		if got != test.want || (fault == nil) != (test.want != 0) {
			t.Errorf("%s: want %q, got %q, %v", name, test.want, got, fault)
		}
	}
	if got, fault := sniff([]byte("a;b"), true); got != ';' || fault != nil {
		t.Errorf("a whole file of one row: %q, %v", got, fault)
	}
}

// Only the first rows must agree; the scanner checks the others.
func TestSniffReadsSomeRows(t *testing.T) {
	sample := "a;b,c\n" + strings.Repeat("1;2,3\n", sampleRows/2)
	if _, fault := sniff([]byte(sample), true); fault == nil {
		t.Error("two delimiters fit and one was chosen")
	}
	sample = "a;b,c\n" + strings.Repeat("1;2\n", sampleRows) + "3;4,5\n"
	if got, _ := sniff([]byte(sample), true); got != ';' {
		t.Errorf("got %q", got)
	}
}
