/** What can be done with a file, as data: findings, repairs and errors carry it; renderers make commands or buttons of it. */
export type { Action, ActionContainer, ActionFileId, OfferedAction, RepairChoice } from "./action.ts";
export { availableActions, offer, type Situation, type Subject, specific } from "./offer.ts";
