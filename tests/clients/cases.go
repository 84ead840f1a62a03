package main

// The cases of client.go. Each returns how many things it checked.

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func openAll(l *log) (int, error) {
	for _, size := range l.sizes {
		tree, err := l.checkpoint(l.read(fmt.Sprint("checkpoints/", size)))
		if err != nil || tree.N != size {
			return 0, fmt.Errorf("size %d: %v", size, err)
		}
	}
	return len(l.sizes), nil
}

func openNotes(l *log) (int, error) {
	if _, err := openNote(l.entries()[0], l.author); err != nil {
		return 0, err
	}
	_, err := openNote(l.read("receipt"), l.key)
	return 2, err
}

// path of a tile as C2SP has it, without the height that Go's has.
func path(t tlog.Tile) string {
	if t.L == -1 {
		return strings.Replace(t.Path(), "tile/8/data/", "tile/entries/", 1)
	}
	return strings.Replace(t.Path(), "tile/8/", "tile/", 1)
}

func (l *log) last() tlog.Tree {
	return must(l.checkpoint(l.read("record/checkpoint")))
}

// entries are read from the bundles, each after its length in two bytes.
func (l *log) entries() [][]byte {
	var out [][]byte
	for size := l.last().N; int64(len(out)) < size; {
		t := tlog.Tile{H: 8, L: -1, N: int64(len(out)) / 256, W: 256}
		if left := size - int64(len(out)); left < 256 {
			t.W = int(left)
		}
		bundle := l.read("record/" + path(t))
		for len(bundle) > 0 {
			n := int(binary.BigEndian.Uint16(bundle))
			out = append(out, bundle[2:2+n])
			bundle = bundle[2+n:]
		}
	}
	return out
}

// stored are the hashes that Go's own code makes from the entries.
func (l *log) stored() tlog.HashReaderFunc {
	var all []tlog.Hash
	reader := tlog.HashReaderFunc(func(at []int64) ([]tlog.Hash, error) {
		var out []tlog.Hash
		for _, i := range at {
			out = append(out, all[i])
		}
		return out, nil
	})
	for i, entry := range l.entries() {
		all = append(all, must(tlog.StoredHashes(int64(i), entry, reader))...)
	}
	return reader
}

func roots(l *log) (int, error) {
	reader := l.stored()
	for _, size := range l.sizes {
		tree := must(l.checkpoint(l.read(fmt.Sprint("checkpoints/", size))))
		if root := must(tlog.TreeHash(size, reader)); root != tree.Hash {
			return 0, fmt.Errorf("size %d: root %v, signed %v", size, root, tree.Hash)
		}
	}
	return len(l.sizes), nil
}

func tiles(l *log) (int, error) {
	reader := l.stored()
	all := map[string]tlog.Tile{} // the widest of those that NewTiles lists at each place
	for _, t := range tlog.NewTiles(8, 0, l.last().N) {
		all[fmt.Sprint(t.L, " ", t.N)] = t
	}
	for _, t := range all {
		if !bytes.Equal(must(tlog.ReadTileData(t, reader)), l.read("record/"+path(t))) {
			return 0, errors.New(path(t))
		}
	}
	return len(all), nil
}

// files gives tiles to tlog.TileHashReader, after spoiling one bit of one of them when asked to.
type files struct {
	l     *log
	spoil string
	bit   int
	asked map[string]int // the length of each tile read
}

func (f *files) Height() int                     { return 8 }
func (f *files) SaveTiles([]tlog.Tile, [][]byte) {}
func (f *files) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	var out [][]byte
	for _, t := range wanted {
		data, err := os.ReadFile(filepath.Join(f.l.dir, "record", path(t)))
		if err != nil { // a partial tile may be gone once the full one is there
			full := t
			full.W = 256
			if data, err = os.ReadFile(filepath.Join(f.l.dir, "record", path(full))); err != nil {
				return nil, err
			}
		}
		data = data[:t.W*tlog.HashSize]
		if f.asked != nil {
			f.asked[path(t)] = len(data)
		}
		if path(t) == f.spoil {
			data[f.bit/8] ^= 1 << (f.bit % 8)
		}
		out = append(out, data)
	}
	return out, nil
}

func tileReader(l *log) (int, error) {
	entries, n := l.entries(), 0
	for _, size := range l.sizes {
		tree := must(l.checkpoint(l.read(fmt.Sprint("checkpoints/", size))))
		reader := tlog.TileHashReader(tree, &files{l: l})
		for i := int64(0); i < size; i = i*3/2 + 1 {
			proof, err := tlog.ProveRecord(size, i, reader)
			if err != nil {
				return 0, fmt.Errorf("size %d, entry %d: %v", size, i, err)
			}
			if err := tlog.CheckRecord(proof, size, tree.Hash, i, tlog.RecordHash(entries[i])); err != nil {
				return 0, fmt.Errorf("size %d, entry %d: %v", size, i, err)
			}
			n++
		}
	}
	return n, nil
}

func (l *log) checkProof(text []byte, index int64, entry []byte) error {
	lines, path, signed, err := hashes(text, 2)
	if err != nil {
		return err
	}
	if lines[0] != "c2sp.org/tlog-proof@v1" || lines[1] != fmt.Sprint("index ", index) {
		return errors.New("not the proof that was asked for")
	}
	tree, err := l.checkpoint(signed)
	if err != nil {
		return err
	}
	return tlog.CheckRecord(path, tree.N, tree.Hash, index, tlog.RecordHash(entry))
}

func inclusion(l *log) (int, error) {
	entries := l.entries()
	all := must(filepath.Glob(filepath.Join(l.dir, "proofs/*")))
	for _, file := range all {
		var size, index int64
		must(fmt.Sscanf(filepath.Base(file), "%d-%d", &size, &index))
		if err := l.checkProof(must(os.ReadFile(file)), index, entries[index]); err != nil {
			return 0, fmt.Errorf("%s: %v", filepath.Base(file), err)
		}
	}
	return len(all), nil
}

func (l *log) checkGrowth(text []byte, old tlog.Tree) error {
	lines, proof, signed, err := hashes(text, 1)
	if err != nil {
		return err
	}
	if lines[0] != fmt.Sprint("old ", old.N) {
		return errors.New("not from the size that was asked for")
	}
	tree, err := l.checkpoint(signed)
	if err != nil {
		return err
	}
	return tlog.CheckTree(proof, tree.N, tree.Hash, old.N, old.Hash)
}

func consistency(l *log) (int, error) {
	all := must(filepath.Glob(filepath.Join(l.dir, "growth/*")))
	for _, file := range all {
		var old, size int64
		must(fmt.Sscanf(filepath.Base(file), "%d-%d", &old, &size))
		if err := l.checkGrowth(must(os.ReadFile(file)), l.tree(old)); err != nil {
			return 0, fmt.Errorf("%s: %v", filepath.Base(file), err)
		}
	}
	return len(all), nil
}

func (l *log) tree(size int64) tlog.Tree {
	return must(l.checkpoint(l.read(fmt.Sprint("checkpoints/", size))))
}

// everyBit calls refused with each bit of good flipped in turn.
func everyBit(good []byte, refused func([]byte) bool) (int, error) {
	for bit := 0; bit < len(good)*8; bit++ {
		bad := append([]byte(nil), good...)
		bad[bit/8] ^= 1 << (bit % 8)
		if !refused(bad) {
			return 0, fmt.Errorf("bit %d is not noticed, near %q", bit, good[bit/8:])
		}
	}
	return len(good) * 8, nil
}

func flippedCheckpoint(l *log) (int, error) {
	return everyBit(l.read("checkpoints/300"), func(bad []byte) bool {
		_, err := l.checkpoint(bad)
		return err != nil
	})
}

func flippedNotes(l *log) (int, error) {
	by := func(key note.Verifier) func([]byte) bool {
		return func(bad []byte) bool {
			_, err := openNote(bad, key)
			return err != nil
		}
	}
	n, err := everyBit(l.entries()[0], by(l.author))
	if err != nil {
		return 0, err
	}
	m, err := everyBit(l.read("receipt"), by(l.key))
	return n + m, err
}

func flippedInclusion(l *log) (int, error) {
	entry, proof := l.entries()[5], l.read("proofs/300-5")
	n, err := everyBit(proof, func(bad []byte) bool { return l.checkProof(bad, 5, entry) != nil })
	if err != nil {
		return 0, err
	}
	m, err := everyBit(entry, func(bad []byte) bool { return l.checkProof(proof, 5, bad) != nil })
	return n + m, err
}

func flippedConsistency(l *log) (int, error) {
	old := l.tree(257)
	good := l.read("growth/257-300")
	return everyBit(good, func(bad []byte) bool { return l.checkGrowth(bad, old) != nil })
}

func flippedTile(l *log) (int, error) {
	tree, n := l.tree(300), 0
	read := &files{l: l, asked: map[string]int{}}
	must(tlog.ProveRecord(300, 290, tlog.TileHashReader(tree, read)))
	for name, length := range read.asked {
		for bit := 0; bit < length*8; bit++ {
			f := &files{l: l, spoil: name, bit: bit}
			if _, err := tlog.ProveRecord(300, 290, tlog.TileHashReader(tree, f)); err == nil {
				return 0, fmt.Errorf("%s bit %d is not noticed", name, bit)
			}
			n++
		}
	}
	return n, nil
}
