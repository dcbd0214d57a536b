package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/cohortlens/cohortlens/datasource"
)

// Sources says where to look for a configuration. Nothing else is looked at.
type Sources struct {
	// Dir is the working directory, an absolute path.
	Dir string
	// File is the configuration file; when empty, COHORTLENS_CONFIG names it,
	// and else config/config.yaml is searched for in Dir and the folders above.
	File string
	// Environ holds the environment as "NAME=value", as os.Environ returns it.
	Environ []string
	// ReadFile reads a file by its absolute path; os.ReadFile when nil.
	ReadFile func(name string) ([]byte, error)
}

// defaultFile is what is searched for when no file is named.
var defaultFile = filepath.Join("config", "config.yaml")

// Load reads the configuration: the environment over .env over the YAML file
// over the defaults. An error is an [*Error] or one of reading a file.
func Load(s Sources) (*Config, error) {
	if s.ReadFile == nil {
		s.ReadFile = os.ReadFile
	}
	c := Default()
	environ := fromList(s.Environ)
	if s.File == "" {
		s.File = environ.text[configVariable]
	}
	data, err := s.find(c)
	if err != nil {
		return nil, err
	}
	if c.File != "" {
		if err := c.readYAML(s.display(c.File), data); err != nil {
			return nil, err
		}
	}
	if err := s.readEnvironment(c, environ); err != nil {
		return nil, err
	}
	return c, nil
}

// find sets File and Root, and returns what is in the file.
func (s Sources) find(c *Config) ([]byte, error) {
	if s.File != "" {
		return s.named(c)
	}
	for dir := s.Dir; ; dir = filepath.Dir(dir) {
		name := filepath.Join(dir, defaultFile)
		data, err := s.ReadFile(name)
		if err == nil {
			c.File, c.Root = name, dir
			return data, nil
		}
		if !absent(err) {
			return nil, &Error{File: s.display(name), Message: "cannot be read: " + reason(err)}
		}
		if dir == filepath.Dir(dir) {
			c.Root = s.Dir
			return nil, nil
		}
	}
}

func (s Sources) named(c *Config) ([]byte, error) {
	c.File = s.File
	if !filepath.IsAbs(c.File) {
		c.File = filepath.Join(s.Dir, c.File)
	}
	c.Root = filepath.Dir(c.File)
	if filepath.Base(c.Root) == filepath.Dir(defaultFile) {
		c.Root = filepath.Dir(c.Root)
	}
	data, err := s.ReadFile(c.File)
	if err != nil {
		return nil, &Error{File: s.File, Message: "the configuration file cannot be read: " + reason(err)}
	}
	return data, nil
}

// absent reports whether an error means that there is no such file, also
// because a folder of its path is a file.
func absent(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)
}

// reason leaves the path out of an error, which says it already.
func reason(err error) string {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err.Error()
	}
	return err.Error()
}

// display shortens a path for messages.
func (s Sources) display(name string) string {
	if rel, err := filepath.Rel(s.Dir, name); err == nil && filepath.IsLocal(rel) {
		return rel
	}
	return name
}

// Set sets one key of the YAML file from text, as an environment variable
// would; name is what an error calls it, such as the flag.
func (c *Config) Set(key, name, text string) error {
	for _, s := range c.settings() {
		if s.key == key {
			if problem := s.apply(name, value{text: text}); problem != "" {
				return &Error{Message: problem}
			}
			return nil
		}
	}
	return &Error{Message: fmt.Sprintf("there is no key %q", key)}
}

// apply reads a value and says what is wrong with it, "" for nothing.
func (s setting) apply(name string, v value) string {
	if instead, ok := s.rule.refuse[strings.ToLower(v.text)]; ok {
		return fmt.Sprintf("%s: %q %s", name, v.text, instead)
	}
	if s.rule.read(v) {
		return ""
	}
	problem := fmt.Sprintf("%s must be %s", name, s.rule.want)
	if s.secret {
		return problem
	}
	return problem + ", got " + v.String() + s.rule.suggest(v)
}

// suggest names the nearest allowed word for the first one that is not allowed.
func (r rule) suggest(v value) string {
	given, ok := v.names()
	if !ok {
		given = []string{v.text}
	}
	for _, word := range given {
		if slices.Contains(r.words, word) {
			continue
		}
		if near, ok := datasource.Nearest(word, r.words); ok {
			return fmt.Sprintf("; did you mean %q?", near)
		}
		break
	}
	return ""
}
