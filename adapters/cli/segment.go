package cli

import (
	"fmt"

	"github.com/cohortlens/cohortlens/adapters/service"
)

func (s *session) segment() error {
	if s.flags.IsSet("assign") {
		return s.assign()
	}
	if err := s.checkSafe(); err != nil {
		return err
	}
	if err := s.checkStream(); err != nil {
		return err
	}
	svc, data, err := s.prepare()
	if err != nil {
		return err
	}
	fit := svc.Segment
	if s.flags.Bool("stream") {
		fit = svc.SegmentStream
	}
	d, err := fit(s.flags.Context, service.SegmentRequest{
		Data: data, Out: s.flags.String("out"), ExcelSafe: s.flags.Bool("excel-safe"),
		Model: s.flags.String("model"), Previous: s.flags.String("previous"),
	})
	if err != nil {
		return err
	}
	return s.show(d, func(p *printer) { p.segmentDocument(d) })
}

// checkStream refuses what --stream would ignore.
func (s *session) checkStream() error {
	if !s.flags.Bool("stream") {
		return nil
	}
	for _, name := range []string{"previous", "weights", "invalid", "categorical"} {
		if s.flags.IsSet(name) {
			return &usageError{message: "--stream never holds all customers, so there is no place for --" + name}
		}
	}
	return nil
}

// assign serves segment --assign, which fits nothing.
func (s *session) assign() error {
	if err := s.checkAssign(); err != nil {
		return err
	}
	svc, err := s.service()
	if err != nil {
		return err
	}
	d, err := svc.Assign(s.flags.Context, service.AssignRequest{
		Model: s.flags.String("model"), Customers: s.flags.String("assign"),
		Out: s.flags.String("out"), ExcelSafe: s.flags.Bool("excel-safe"),
	})
	if err != nil {
		return err
	}
	return s.show(d, func(p *printer) { p.assignDocument(d) })
}

// checkAssign refuses what --assign would ignore.
func (s *session) checkAssign() error {
	if !s.flags.IsSet("model") {
		return &usageError{message: "--assign needs the model to assign by: --model F", hint: "Models are saved by cohortlens segment --model F."}
	}
	if data := s.flags.Args().First(); data != "" {
		return &usageError{message: fmt.Sprintf("with --assign nothing is fitted, so there is no place for the data %q", data)}
	}
	return s.checkMeant("with --assign nothing is fitted", []string{"assign", "model", "out", "excel-safe", "json", "delimiter", "id-column"})
}
