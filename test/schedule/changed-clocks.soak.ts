import { CHANGES, describeStops, describeWrongClocks } from '../support/changed-clocks.ts'

describeStops(CHANGES)
describeWrongClocks(CHANGES)
