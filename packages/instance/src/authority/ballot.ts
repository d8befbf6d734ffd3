import { errorText, type Logger } from '../logger.ts';
import { newVoter, type Vote, type VoteRequest, type VoterView, vote, withdraw } from './voter.ts';

/** The voter of this process: what it has promised to whom. */
export interface Ballot {
  vote(request: VoteRequest, view: VoterView): Vote;
  /** Resolves to how long the last vote still counts, in milliseconds. */
  withdraw(term: number): number;
}

export function createBallot(now: () => number): Ballot {
  let state = newVoter(now());
  return {
    vote(request, view) {
      const answer = vote(state, request, view, now());
      if (answer.granted) state = answer.state;
      return answer;
    },
    withdraw(term) {
      const answer = withdraw(state, term, now());
      state = answer.state;
      return answer.remainingMs;
    },
  };
}

/** Votes for this instance, by name, with the time at which the question was sent. */
export interface VoteCollector {
  readonly votes: ReadonlyMap<string, number>;
  /** Asks every peer once; resolves when all have answered or timed out. */
  ask(request: VoteRequest, peers: readonly Peer[]): Promise<void>;
}

export interface Peer {
  readonly name: string;
  readonly address: string;
}

/** Asks one peer for its vote; resolves to whether it is given, rejects when the peer does not answer. */
export type AskVote = (peer: Peer, request: VoteRequest) => Promise<boolean>;

export function createVoteCollector(ask: AskVote, now: () => number, logger: Logger): VoteCollector {
  const votes = new Map<string, number>();
  let term = -1;
  return {
    votes,
    async ask(request, peers) {
      // A vote for an earlier term says nothing of this one.
      if (request.term !== term) votes.clear();
      term = request.term;
      await Promise.all(
        peers.map(async (peer) => {
          const sentAt = now();
          try {
            if (await ask(peer, request)) votes.set(peer.name, sentAt);
          } catch (error) {
            logger.debug({ peer: peer.name, error: errorText(error) }, 'An instance gave no vote');
          }
        }),
      );
    },
  };
}
