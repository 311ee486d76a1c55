// `window.require('WAWeb…')`: the modules that whatsapp-web.js takes from WhatsApp Web, with just what it takes.
// The library's src/util/Injected shows what each must offer. Something missing? Add it here.

import * as documents from './documents.js'
import { tell } from './link.js'
import { Collection, Msg, MsgKey, wid } from './models.js'
import { addAndSendMsgToChat, sendSeen } from './sending.js'
import { forgetSession } from './session.js'
import { Chats, Cmd, Conn, chatFor, Messages, me, meLid, person, Socket, store } from './store.js'

const phoneOf = (known) => (known?.phone && !known.hidden ? wid(`${known.phone}@c.us`) : undefined)
const idOf = ({ phone, lid }) => (phone ? `${phone}@c.us` : `${lid}@lid`)
const lidOf = (known) => (known?.lid ? wid(`${known.lid}@lid`) : undefined)

/** Counted, because asking WhatsApp too often is said to cost accounts. */
function lookUp(id) {
  tell({ did: 'lookUp', id: String(id) })
  return person(id)
}

Socket.logout = async () => {
  await forgetSession()
  tell({ did: 'unlink' })
}

/** No address book: WhatsApp knows something about every id that one asks for, if only the id. */
function contact(id) {
  const known = person(id)
  const account = wid(id).withoutDevice()
  return {
    id: account,
    name: undefined,
    pushname: known?.name,
    phoneNumber: account.isLid() ? phoneOf(known) : undefined,
    isContactBlocked: false,
    serialize: () => ({ id: account, type: 'in' }),
  }
}

function quoted(msg) {
  const { quotedMsg, quotedStanzaID, quotedParticipant } = msg
  const fromMe = [me(), meLid()].some((own) => own?._serialized === quotedParticipant._serialized)
  const key = { to: msg.id.remote, id: quotedStanzaID, selfDir: fromMe ? 'out' : 'in' }
  const participant = msg.id.remote.isGroup() ? quotedParticipant.withoutDevice() : undefined
  return new Msg({ ...quotedMsg, id: new MsgKey({ ...key, participant }), from: quotedParticipant, to: msg.to })
}

async function findOrCreateLatestChat(id) {
  // The words of the real page for a number that WhatsApp does not know.
  if (!Chats.get(wid(id).withoutDevice()) && !person(id)) throw new Error('No LID for user')
  return { chat: chatFor(id) }
}

/** Only for whether a preview is asked for. */
function findLink(text) {
  const href = /https?:\/\/\S+/.exec(text)?.[0]
  return href && { href }
}

const key = { pubKey: new Uint8Array(32) }
const noop = () => undefined

const modules = {
  // Connection and pairing
  WAWebSocketModel: { Socket },
  WAWebCmd: { Cmd },
  WAWebConnModel: { Conn },
  WAWebStreamModel: { Stream: { markAvailable: noop, markUnavailable: noop } },
  WAWebOfflineHandler: { OfflineMessageHandler: { getOfflineDeliveryProgress: () => 100 } },
  WAWebAltDeviceLinkingApi: {
    setPairingType: noop,
    initializeAltDeviceLinking: async () => undefined,
    startAltLinkingFlow: async () => 'STANDIN1',
  },
  WABase64: { encodeB64: (bytes) => btoa(String.fromCharCode(...bytes)) },
  WAWebCompanionRegClientUtils: { DEVICE_PLATFORM: 'CHROME' },
  WAWebAdvSignatureApi: {},
  WAWebUserPrefsInfoStore: { waNoiseInfo: { get: async () => ({ staticKeyPair: key }) } },
  WAWebSignalStoreApi: { waSignalStore: { getRegistrationInfo: async () => ({ identityKeyPair: key }) } },
  WAWebUserPrefsMultiDevice: { getADVSecretKey: () => 'secret' },
  WAWebUserPrefsMeUser: { getMaybeMePnUser: me, getMaybeMeLidUser: meLid },
  WAWebSyncGatingUtils: {},
  WAWebCallCollection: {},

  // Messages and chats
  WAWebCollections: {
    Msg: Messages,
    Chat: Chats,
    Contact: { find: async (id) => contact(id), getModelsArray: () => store.people.map((each) => contact(idOf(each))) },
    GroupMetadata: { update: async () => undefined },
    Blocklist: new Collection(),
  },
  WAWebWidFactory: { createWid: wid, createWidFromWidLike: wid, asUserWidOrThrow: (id) => id.withoutDevice() },
  WALinkify: { findLink, findLinks: () => [] },
  WAWebLinkPreviewChatAction: { getLinkPreview: async ({ href }) => ({ data: { title: href } }) },
  WAWebChatGetters: { getIsNewsletter: () => false, getIsBroadcast: () => false },
  WAWebFindChatAction: { findOrCreateLatestChat },
  WAWebQuotedMsgModelUtils: { getQuotedMsgObj: quoted },
  WAWebMsgKey: MsgKey,
  WAWebMsgReply: { canReplyMsg: () => true },
  WAWebGetEphemeralFieldsMsgActionsUtils: { getEphemeralFields: () => ({}) },
  WAWebSendMsgChatAction: { addAndSendMsgToChat },
  WAWebUpdateUnreadChatAction: { sendSeen },
  WAWebChatStateBridge: { sendChatStateComposing: noop, sendChatStateRecording: noop, sendChatStatePaused: noop },

  // Documents
  WAWebMediaOpaqueData: documents.OpaqueData,
  WAWebPrepRawMedia: { prepRawMedia: documents.prepRawMedia },
  WAWebMediaStorage: { getOrCreateMediaObject: documents.getOrCreateMediaObject },
  WAWebMmsMediaTypes: { msgToMediaType: ({ type }) => type, castToV4: (type) => type },
  WAWebMediaDataUtils: { shouldUseMediaCache: () => false },
  WAWebMediaMmsV4Upload: { uploadMedia: documents.uploadMedia },

  // People
  WAWebApiContact: {
    getCurrentLid: (id) => lidOf(lookUp(id)),
    getPhoneNumber: (id) => phoneOf(lookUp(id)),
    getAlternateUserWid: noop,
  },
  WAWebQueryExistsJob: { queryWidExists: async (id) => lookUp(id) && { wid: id } },
  WAWebLidMigrationUtils: { toPn: (id) => phoneOf(person(id)) },
  WAWebFrontendContactGetters: { getIsMyContact: () => false },
  WAWebContactGetters: {
    getIsMe: ({ id }) => id.user === me().user || id.user === meLid()?.user,
    getIsUser: ({ id }) => !id.isGroup(),
    getIsGroup: ({ id }) => id.isGroup(),
    getIsWAContact: () => true,
    getUserid: ({ id }) => id.user,
    getName: ({ name }) => name,
    getShortName: ({ name }) => name,
    getPushname: ({ pushname }) => pushname,
    getVerifiedName: noop,
    getVerifiedLevel: noop,
    getStatusMute: noop,
    getIsEnterprise: () => false,
  },
}

/** The library expects an unknown module to throw; most of its own guards are a try and catch around this. */
export function require(name) {
  if (!(name in modules)) throw new Error(`The stand-in has no module ${name}: add it in page/modules.js`)
  return modules[name]
}
