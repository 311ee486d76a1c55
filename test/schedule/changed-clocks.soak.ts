import { CHANGES, describeWrongClocks } from '../support/changed-clocks.ts'

describeWrongClocks(CHANGES)
