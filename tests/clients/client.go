// client RECORD-FOLDER: Go's own reader of transparency logs (golang.org/x/mod/sumdb) over what
// surety-clients-record wrote. Each case is a line of the list in main; those that say "refuses" damage
// what is good, and fail when the damage is accepted.
package main

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// log is the record's folder with the keys that its reader trusts.
type log struct {
	dir                  string
	key, witness, author note.Verifier
	sizes                []int64
}

func (l *log) read(name string) []byte { return must(os.ReadFile(filepath.Join(l.dir, name))) }

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// cosigner verifies what x/mod does not know: C2SP tlog-cosignature v1, algorithm 4.
type cosigner struct {
	name string
	hash uint32
	key  ed25519.PublicKey
}

func newCosigner(vkey string) (note.Verifier, error) {
	parts := strings.SplitN(vkey, "+", 3)
	if len(parts) != 3 {
		return nil, errors.New("not a verifier key")
	}
	hash, err := strconv.ParseUint(parts[1], 16, 32)
	if err != nil {
		return nil, err
	}
	raw, err := base64.StdEncoding.DecodeString(parts[2])
	if err != nil || len(raw) != 33 || raw[0] != 4 {
		return nil, errors.New("not a cosigner's key")
	}
	return &cosigner{parts[0], uint32(hash), raw[1:]}, nil
}
func (c *cosigner) Name() string    { return c.name }
func (c *cosigner) KeyHash() uint32 { return c.hash }
func (c *cosigner) Verify(msg, sig []byte) bool {
	if len(sig) != 8+ed25519.SignatureSize {
		return false
	}
	signed := fmt.Sprintf("cosignature/v1\ntime %d\n%s", binary.BigEndian.Uint64(sig), msg)
	return ed25519.Verify(c.key, []byte(signed), sig[8:])
}

// openNote is note.Open, which reads base64 leniently, held to one spelling.
func openNote(signed []byte, known ...note.Verifier) (*note.Note, error) {
	n, err := note.Open(signed, note.VerifierList(known...))
	if err != nil {
		return nil, err
	}
	for _, s := range n.Sigs {
		if _, err := base64.StdEncoding.Strict().DecodeString(s.Base64); err != nil {
			return nil, err
		}
	}
	return n, nil
}

// checkpoint opens a checkpoint that the log and the witness must both have signed.
func (l *log) checkpoint(signed []byte) (tlog.Tree, error) {
	n, err := openNote(signed, l.key, l.witness)
	if err != nil {
		return tlog.Tree{}, err
	}
	if len(n.Sigs) != 2 || len(n.UnverifiedSigs) != 0 {
		return tlog.Tree{}, fmt.Errorf("%d signatures of those that are trusted, %d others", len(n.Sigs), len(n.UnverifiedSigs))
	}
	// tlog.ParseTree knows the first line of one log only.
	lines := strings.Split(n.Text, "\n")
	if len(lines) != 4 || lines[0] != l.key.Name() {
		return tlog.Tree{}, errors.New("not the three lines of this log")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		return tlog.Tree{}, err
	}
	root, err := tlog.ParseHash(lines[2])
	return tlog.Tree{N: size, Hash: root}, err
}

// hashes reads a tlog-proof, or a witness's request: its first lines, hashes, an empty line, a checkpoint.
func hashes(text []byte, first int) ([]string, []tlog.Hash, []byte, error) {
	head, rest, found := bytes.Cut(text, []byte("\n\n"))
	lines := strings.Split(string(head), "\n")
	if !found || len(lines) < first {
		return nil, nil, nil, errors.New("cut short")
	}
	var out []tlog.Hash
	for _, line := range lines[first:] {
		hash, err := tlog.ParseHash(line)
		if err != nil || hash.String() != line { // lenient as well
			return nil, nil, nil, fmt.Errorf("not a hash: %s", line)
		}
		out = append(out, hash)
	}
	return lines[:first], out, rest, nil
}

func main() {
	l := &log{dir: os.Args[1]}
	line := func(name string) string { return strings.TrimSuffix(string(l.read(name)), "\n") }
	l.key = must(note.NewVerifier(line("record/log.vkey")))
	l.author = must(note.NewVerifier(line("author.vkey")))
	l.witness = must(newCosigner(line("witness.vkey")))
	for _, file := range must(filepath.Glob(filepath.Join(l.dir, "checkpoints/*"))) {
		l.sizes = append(l.sizes, must(strconv.ParseInt(filepath.Base(file), 10, 64)))
	}
	cases := []struct {
		name string
		run  func(*log) (int, error)
	}{
		{"note.Open accepts every checkpoint, with the log's signature and the witness's", openAll},
		{"note.Open accepts the statement of an author, and the log's receipt", openNotes},
		{"tlog.TreeHash of the entries gives the root of every checkpoint", roots},
		{"tlog.ReadTileData gives the bytes of every tile", tiles},
		{"tlog.TileHashReader accepts the tiles and proves entries from them", tileReader},
		{"tlog.CheckRecord accepts every inclusion proof", inclusion},
		{"tlog.CheckTree accepts every consistency proof", consistency},
		{"a checkpoint is refused with any bit of it flipped", flippedCheckpoint},
		{"a statement and a receipt are refused with any bit of them flipped", flippedNotes},
		{"an inclusion proof is refused with any bit of it or of the entry flipped", flippedInclusion},
		{"a consistency proof is refused with any bit of it flipped", flippedConsistency},
		{"a tile is refused with any bit of it flipped", flippedTile},
	}
	failed := 0
	for _, c := range cases {
		n, err := guarded(c.run, l)
		if err == nil && n == 0 {
			err = errors.New("there was nothing to check")
		}
		if err != nil {
			failed++
			fmt.Printf("FAILED  Go    %s: %v\n", c.name, err)
			continue
		}
		fmt.Printf("ok      Go    %s (%d)\n", c.name, n)
	}
	fmt.Printf("%d passed, %d failed\n", len(cases)-failed, failed)
	if failed > 0 {
		os.Exit(1)
	}
}

func guarded(run func(*log) (int, error), l *log) (n int, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%v", p)
		}
	}()
	return run(l)
}
