import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Connection, Row } from './database.ts';
import { createLane, SilentError } from './lane.ts';

function fakeConnection() {
  const questions: PromiseWithResolvers<Row[]>[] = [];
  const connection: Connection = {
    query: <R extends Row>() => {
      const question = Promise.withResolvers<Row[]>();
      questions.push(question);
      return question.promise as Promise<R[]>;
    },
  };
  return { questions, connection };
}

test('a server that does not answer in time is asked once, until it answers', async () => {
  const { questions, connection } = fakeConnection();
  const lane = createLane(connection, 20);
  await assert.rejects(lane.query('SELECT 1'), SilentError);
  await assert.rejects(lane.query('SELECT 2'), SilentError);
  assert.equal(questions.length, 1);
  questions[0]?.resolve([]);
  await questions[0]?.promise;
  const later = lane.query('SELECT 3');
  questions[1]?.resolve([{ one: 1 }]);
  assert.deepEqual(await later, [{ one: 1 }]);
});

test('an error that comes late frees the lane as well', async () => {
  const { questions, connection } = fakeConnection();
  const lane = createLane(connection, 20);
  await assert.rejects(lane.query('SELECT 1'), SilentError);
  questions[0]?.reject(new Error('the connection to PostgreSQL was ended'));
  await questions[0]?.promise.catch(() => undefined);
  const later = lane.query('SELECT 2');
  questions[1]?.resolve([]);
  assert.deepEqual(await later, []);
});
