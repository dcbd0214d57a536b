// Package modelfile reads and writes fitted models as one line of JSON:
//
//	{"format":"cohortlens.segment","version":1,"sha256":"...","body":{...}}
//
// The checksum is that of the format, the version and the bytes of the body. It
// tells a damaged file from a sound one; it is no signature, so a body must be
// validated all the same.
//
// There is one way to write a model, byte for byte, and [Read] and [Decode] accept
// nothing else. So no byte can be lost, added or changed, not even in white space
// or in the case of a key, no key can be unknown, missing or given twice, and
// nothing can follow the end. JSON has no NaN and no infinity, and floats are
// written in the shortest form that reads back to the same bits.
//
// Memory is bounded by a small multiple of the bytes that were read, whatever the
// file claims about itself, and these by a limit.
package modelfile
