package waha

// messageParts is what is read of a message event, by Keep to write it down and
// by Decode to understand it. Every value is bounded: strings are words (ids,
// chat ids), or short texts where a comment says so.
type messageParts struct {
	payload  [len(payloadNames)]value
	info     [len(infoNames)]value // GOWS: whatsmeow's MessageInfo
	key      [len(keyNames)]value  // NOWEB: Baileys' WAMessageKey
	referral referralParts         // short texts
	me       [len(meNames)]value
	klien    value // short text
}

// The allow-list, in the same nesting as in WAHA's envelope.
var (
	payloadNames = [...]string{"id", "timestamp", "from", "to", "fromMe", "source", "participant"}
	infoNames    = [...]string{"Chat", "Sender", "SenderAlt", "RecipientAlt", "IsFromMe", "IsGroup", "AddressingMode"}
	keyNames     = [...]string{"remoteJid", "remoteJidAlt", "participant", "participantAlt", "fromMe", "addressingMode"}
	meNames      = [...]string{"id", "lid"}
)

const (
	payloadID = iota
	payloadTimestamp
	payloadFrom
	payloadTo
	payloadFromMe
	payloadSource
	payloadParticipant
)

const (
	infoChat = iota
	infoSender
	infoSenderAlt
	infoRecipientAlt
	infoIsFromMe
	infoIsGroup
	infoAddressingMode
)

const (
	keyRemoteJid = iota
	keyRemoteJidAlt
	keyParticipant
	keyParticipantAlt
	keyFromMe
	keyAddressingMode
)

// referralName holds the advert referral in a kept body. WAHA has no such
// member: it is what was found in any of the places engines put it.
const referralName = "_referral"

// readMessage finds the allow-listed parts of a message event. problem is not
// empty when a name among them stands twice in its object: then two readers
// could see two messages.
func readMessage(env *envelope) (m messageParts, problem string) {
	pick := func(where string, v value, vals []value, names []string) {
		if twice := v.members(vals, names); twice != "" && problem == "" {
			problem = where + "." + twice + " stands more than once"
		}
	}
	payload := env[envPayload]
	var outer [len(payloadNames) + 2]value
	pick("payload", payload, outer[:], append(payloadNames[:len(payloadNames):len(payloadNames)], "_data", referralName))
	copy(m.payload[:], outer[:len(payloadNames)])
	data, kept := outer[len(payloadNames)], outer[len(payloadNames)+1]

	var inner [5]value
	pick("payload._data", data, inner[:], []string{"Info", "key", "Message", "message", "ctwaContext"})
	pick("payload._data.Info", inner[0], m.info[:], infoNames[:])
	pick("payload._data.key", inner[1], m.key[:], keyNames[:])
	if kept.isObject() {
		pick("payload."+referralName, kept, m.referral[:], referralNames[:])
	} else {
		m.referral = findReferral(inner[2], inner[3], inner[4])
	}
	pick("me", env[envMe], m.me[:], meNames[:])
	var klien [1]value
	pick("metadata", env[envMetadata], klien[:], []string{"klien"})

	for _, words := range [][]value{m.payload[:], m.info[:], m.key[:], m.me[:]} {
		for i, v := range words {
			words[i] = v.word()
		}
	}
	for i, v := range m.referral {
		m.referral[i] = v.referral()
	}
	m.klien = klien[0].bounded()
	return m, problem
}

// kept writes the parts as a message event of WAHA's form, in an order of its
// own, so that keeping it again gives the same bytes.
func (m *messageParts) kept(env *envelope) []byte {
	w := writer{buf: make([]byte, 0, 1024)}
	w.open("")
	w.envelopeHead(env)
	w.object("metadata", []string{"klien"}, []value{m.klien})
	if me := env[envMe]; me.isObject() {
		w.object("me", meNames[:], m.me[:])
	} else {
		w.member("me", me.word())
	}
	if env[envPayload].isObject() {
		w.open("payload")
		w.members(payloadNames[:], m.payload[:])
		w.data(m)
		w.object(referralName, referralNames[:], m.referral[:])
		w.close()
	} else {
		w.member("payload", env[envPayload].word())
	}
	w.member("engine", env[envEngine].word())
	var environment [2]value
	names := []string{"version", "engine"}
	env[envEnvironment].members(environment[:], names)
	for i, v := range environment {
		environment[i] = v.word()
	}
	w.object("environment", names, environment[:])
	w.close()
	return w.buf
}

// data writes _data, when anything of it is kept.
func (w *writer) data(m *messageParts) {
	before := len(w.buf)
	w.open("_data")
	empty := len(w.buf)
	w.object("Info", infoNames[:], m.info[:])
	w.object("key", keyNames[:], m.key[:])
	if len(w.buf) == empty {
		w.buf = w.buf[:before]
		return
	}
	w.close()
}
