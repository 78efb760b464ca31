package waha

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
)

func BenchmarkVerify(b *testing.B) {
	key, all := samples(b)
	h := all[0].header()
	keys := Keys{key}
	b.SetBytes(int64(len(all[0].body)))
	b.ReportAllocs()
	for b.Loop() {
		if err := keys.Verify(all[0].body, h); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkKeep(b *testing.B) {
	_, all := samples(b)
	big := bytes.Replace(all[23].body, []byte("/9j/4AAQSkZJRg=="), []byte(strings.Repeat("/9j/4AAQSkZJRg==", 1<<14)), 1)
	for _, c := range []struct {
		name string
		body []byte
	}{
		{"label", all[0].body},
		{"session status", all[19].body},
		{"message", all[23].body},
		{"message with picture", big},
		{"unused", all[29].body},
	} {
		b.Run(fmt.Sprintf("%s=%d", c.name, len(c.body)), func(b *testing.B) {
			b.SetBytes(int64(len(c.body)))
			b.ReportAllocs()
			for b.Loop() {
				if k := Keep(c.body); k.Problem != "" {
					b.Fatal(k.Problem)
				}
			}
		})
	}
}

func BenchmarkVerifyKeep(b *testing.B) {
	key, all := samples(b)
	h := all[0].header()
	keys := Keys{key}
	b.ReportAllocs()
	for b.Loop() {
		if err := keys.Verify(all[0].body, h); err != nil {
			b.Fatal(err)
		}
		if k := Keep(all[0].body); k.Problem != "" {
			b.Fatal(k.Problem)
		}
	}
}

func BenchmarkDecode(b *testing.B) {
	_, all := samples(b)
	for _, i := range []int{0, 8, 19, 23} {
		kept := Keep(all[i].body).Body
		b.Run(strings.TrimSuffix(all[i].File, ".json"), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Decode(kept); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
