package config

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"

	"github.com/cohortlens/cohortlens/datasource"
)

// maxFile bounds the size of a configuration file.
const maxFile = 1 << 20

// yamlFile reads the settings of one file.
type yamlFile struct {
	name     string
	data     []byte
	settings map[string]setting
	// sections holds every path that has keys below it: "models" and
	// "models.segmentation".
	sections map[string][]string
	anchors  map[string]ast.Node
}

// readYAML sets what the file says. It refuses unknown and repeated keys and
// values of the wrong type.
func (c *Config) readYAML(name string, data []byte) error {
	if len(data) > maxFile {
		return &Error{File: name, Message: fmt.Sprintf("the file is larger than %d bytes", maxFile)}
	}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	if !utf8.Valid(data) {
		return &Error{File: name, Message: "the file is not UTF-8 text; save it as UTF-8"}
	}
	f := newYAMLFile(name, data, c.settings())
	body, err := f.parse()
	if err != nil || body == nil {
		return err
	}
	return f.mapping("", body)
}

func newYAMLFile(name string, data []byte, settings []setting) *yamlFile {
	f := &yamlFile{
		name: name, data: data,
		settings: make(map[string]setting), sections: make(map[string][]string), anchors: make(map[string]ast.Node),
	}
	for _, s := range settings {
		if s.key != "" {
			f.settings[s.key] = s
			f.addSections(s.key)
		}
	}
	return f
}

// parse returns the one document of the file, nil for an empty file.
func (f *yamlFile) parse() (ast.Node, error) {
	tree, err := parser.ParseBytes(f.data, 0)
	if err != nil {
		return nil, f.syntaxError(err)
	}
	var body ast.Node
	for _, doc := range tree.Docs {
		switch {
		case doc.Body == nil:
		case body != nil:
			return nil, f.errorAt(doc.Body.GetToken(), "the file must hold one YAML document, this is a second one")
		default:
			body = doc.Body
		}
	}
	return body, nil
}

func (f *yamlFile) addSections(key string) {
	for i := strings.LastIndexByte(key, '.'); ; i = strings.LastIndexByte(key, '.') {
		section, name := key[:max(i, 0)], key[i+1:]
		children, known := f.sections[section]
		f.sections[section] = append(children, name)
		if i < 0 || known {
			return
		}
		key = section
	}
}

func (f *yamlFile) syntaxError(err error) error {
	var syntax yaml.Error
	if errors.As(err, &syntax) && syntax.GetToken() != nil {
		return f.errorAt(syntax.GetToken(), "this is not valid YAML: "+syntax.GetMessage())
	}
	return &Error{File: f.name, Message: "this is not valid YAML"}
}

func (f *yamlFile) errorAt(at *token.Token, message string) error {
	message = printable(strings.ReplaceAll(message, "\t", `\t`))
	e := &Error{File: f.name, Message: strings.ToValidUTF8(message, "?")}
	if at != nil && at.Position != nil {
		e.Line, e.Column = at.Position.Line, at.Position.Column
		e.Excerpt = excerpt(f.data, e.Line, e.Column)
	}
	return e
}

// mapping reads the keys of a section. The parser has refused repeated ones.
func (f *yamlFile) mapping(section string, node ast.Node) error {
	node, err := f.resolve(node)
	if err != nil {
		return err
	}
	var entries []*ast.MappingValueNode
	switch n := node.(type) {
	case *ast.MappingNode:
		entries = n.Values
	case *ast.MappingValueNode:
		entries = []*ast.MappingValueNode{n}
	case *ast.NullNode:
		return nil
	default:
		return f.errorAt(node.GetToken(), fmt.Sprintf("%s must have keys below it: %s", title(section), strings.Join(f.sections[section], ", ")))
	}
	for _, e := range entries {
		if err := f.entry(section, e); err != nil {
			return err
		}
	}
	return nil
}

func title(section string) string {
	if section == "" {
		return "the file"
	}
	return section
}

func (f *yamlFile) entry(section string, e *ast.MappingValueNode) error {
	at := e.Key.GetToken()
	name := at.Value
	if k, ok := e.Key.(*ast.StringNode); ok {
		name = k.Value
	}
	path := strings.TrimPrefix(section+"."+name, ".")
	if s, ok := f.settings[path]; ok {
		return f.set(s, e.Value)
	}
	if _, ok := f.sections[path]; ok {
		return f.mapping(path, e.Value)
	}
	return f.errorAt(at, fmt.Sprintf("unknown key %q%s; %s", shorten(name), inSection(section), f.suggest(section, name)))
}

func inSection(section string) string {
	if section == "" {
		return ""
	}
	return " in " + section
}

// suggest names the nearest key of the section, or all of them.
func (f *yamlFile) suggest(section, name string) string {
	if near, ok := datasource.Nearest(name, f.sections[section]); ok {
		return fmt.Sprintf("did you mean %q?", near)
	}
	return "the keys are " + strings.Join(f.sections[section], ", ")
}

func (f *yamlFile) set(s setting, node ast.Node) error {
	node, err := f.resolve(node)
	if err != nil {
		return err
	}
	if _, null := node.(*ast.NullNode); null {
		return nil
	}
	v, err := f.value(node, true)
	if err != nil {
		return err
	}
	if problem := s.apply(s.key, v); problem != "" {
		return f.errorAt(node.GetToken(), problem)
	}
	return nil
}

// resolve follows anchors and aliases to the node that they stand for. Hops are
// bounded, since an alias may lead back to itself.
func (f *yamlFile) resolve(node ast.Node) (ast.Node, error) {
	at := node.GetToken()
	for range 8 {
		switch n := node.(type) {
		case *ast.AnchorNode:
			f.anchors[n.Name.GetToken().Value] = n.Value
			node = n.Value
		case *ast.AliasNode:
			name := n.Value.GetToken().Value
			target, ok := f.anchors[name]
			if !ok {
				return nil, f.errorAt(n.Start, fmt.Sprintf("there is no anchor %q above this line", name))
			}
			node = target
		case *ast.TagNode:
			return nil, f.errorAt(n.Start, "tags are not used here")
		default:
			return node, nil
		}
	}
	return nil, f.errorAt(at, "the aliases here lead in a circle")
}

// value reads a scalar, or a list of scalars.
func (f *yamlFile) value(node ast.Node, list bool) (value, error) {
	node, err := f.resolve(node)
	if err != nil {
		return value{}, err
	}
	switch n := node.(type) {
	case *ast.StringNode:
		return value{kind: quoted, text: n.Value}, nil
	case *ast.LiteralNode:
		return value{kind: quoted, text: n.Value.Value}, nil
	case *ast.IntegerNode:
		return value{kind: integral, text: fmt.Sprint(n.Value)}, nil
	case *ast.FloatNode:
		return value{kind: fractional, text: fmt.Sprint(n.Value)}, nil
	case *ast.BoolNode:
		return value{kind: boolean, text: fmt.Sprint(n.Value)}, nil
	case *ast.SequenceNode:
		if list {
			return f.sequence(n)
		}
		return value{kind: other, text: "a list"}, nil
	case *ast.MappingNode, *ast.MappingValueNode:
		return value{kind: other, text: "keys below it"}, nil
	}
	return value{kind: other, text: node.GetToken().Value}, nil
}

func (f *yamlFile) sequence(n *ast.SequenceNode) (value, error) {
	v := value{kind: sequence}
	for _, e := range n.Values {
		element, err := f.value(e, false)
		if err != nil {
			return value{}, err
		}
		v.list = append(v.list, element)
	}
	return v, nil
}
