package rest

import (
	"context"
	"net/http"
)

// Text is a text message to send.
type Text struct {
	ChatID  string
	Text    string
	ID      string // from NewMessageID: sending it again sends it once; "" = WAHA makes one
	ReplyTo string // WAHA's id of the message answered; "" = none

	NoLinkPreview bool
}

// File is an image or another file to send: from URL, or from Data.
type File struct {
	ChatID   string
	MIMEType string
	Name     string // file name; "" = none
	URL      string // WAHA fetches it
	Data     []byte // goes along, as base64; for small ones
	Caption  string
	ID       string // as Text.ID
	ReplyTo  string
}

// Sent is a message WAHA took.
type Sent struct {
	ID string // WAHA's id of it, "true_628…@c.us_3EB0…"
}

type wireText struct {
	Session     string `json:"session"`
	ChatID      string `json:"chatId"`
	Text        string `json:"text"`
	ID          string `json:"id,omitempty"`
	ReplyTo     string `json:"reply_to,omitempty"`
	LinkPreview *bool  `json:"linkPreview,omitempty"`
}

type wireFile struct {
	Session string `json:"session"`
	ChatID  string `json:"chatId"`
	File    struct {
		MIMEType string `json:"mimetype"`
		Name     string `json:"filename,omitempty"`
		URL      string `json:"url,omitempty"`
		Data     []byte `json:"data,omitempty"`
	} `json:"file"`
	Caption string `json:"caption,omitempty"`
	ID      string `json:"id,omitempty"`
	ReplyTo string `json:"reply_to,omitempty"`
}

// NewMessageID has WAHA make a message id. A message sent with it, however often
// and after whatever failure, is one message.
func (c *Client) NewMessageID(ctx context.Context, session string) (string, error) {
	o := op{"make a message id", session, RightSend}
	if err := o.checkSession(); err != nil {
		return "", err
	}
	a, err := c.get(ctx, o, path("api", session, "new-message-id"), nil)
	if err != nil {
		return "", err
	}
	var wire struct {
		ID serialized `json:"id"`
	}
	if err := c.decode(o, a, &wire); err != nil {
		return "", err
	}
	if wire.ID == "" {
		return "", o.garbled(a.status, "its answer has no id")
	}
	return string(wire.ID), nil
}

// SendText sends a text message.
func (c *Client) SendText(ctx context.Context, session string, m Text) (Sent, error) {
	o := op{"send a text", session, RightSend}
	if m.Text == "" {
		return Sent{}, o.invalid("the text is empty")
	}
	wire := wireText{Session: session, ChatID: m.ChatID, Text: m.Text, ID: m.ID, ReplyTo: m.ReplyTo}
	if m.NoLinkPreview {
		wire.LinkPreview = new(bool)
	}
	return c.send(ctx, o, "sendText", m.ChatID, wire)
}

// SendImage sends an image.
func (c *Client) SendImage(ctx context.Context, session string, f File) (Sent, error) {
	return c.sendFile(ctx, op{"send an image", session, RightSend}, "sendImage", f)
}

// SendFile sends any file, as a document.
func (c *Client) SendFile(ctx context.Context, session string, f File) (Sent, error) {
	return c.sendFile(ctx, op{"send a file", session, RightSend}, "sendFile", f)
}

func (c *Client) sendFile(ctx context.Context, o op, call string, f File) (Sent, error) {
	if f.MIMEType == "" || (f.URL == "") == (len(f.Data) == 0) {
		return Sent{}, o.invalid("a file needs its type, and either an address or its data")
	}
	wire := wireFile{Session: o.session, ChatID: f.ChatID, Caption: f.Caption, ID: f.ID, ReplyTo: f.ReplyTo}
	wire.File.MIMEType, wire.File.Name, wire.File.URL, wire.File.Data = f.MIMEType, f.Name, f.URL, f.Data
	return c.send(ctx, o, call, f.ChatID, wire)
}

func (c *Client) send(ctx context.Context, o op, call, chatID string, body any) (Sent, error) {
	if err := o.checkSession(); err != nil {
		return Sent{}, err
	}
	if err := o.checkChat(chatID); err != nil {
		return Sent{}, err
	}
	a, err := c.do(ctx, o, http.MethodPost, path("api", call), body)
	if err != nil {
		return Sent{}, err
	}
	var wire struct {
		ID  serialized `json:"id"`
		Key struct {   // Baileys
			ID string `json:"id"`
		} `json:"key"`
	}
	if err := c.decode(o, a, &wire); err != nil {
		return Sent{}, err
	}
	if wire.ID == "" {
		wire.ID = serialized(wire.Key.ID)
	}
	return Sent{ID: string(wire.ID)}, nil // sent, even where WAHA gives no id
}
