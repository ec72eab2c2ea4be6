/** The commands' ids, as in the manifest. */
export const commandIds = {
  analyze: 'inferenceLens.analyze',
  trySample: 'inferenceLens.trySample',
  showModel: 'inferenceLens.showModel',
  importCheckpoint: 'inferenceLens.importCheckpoint',
  selectWeights: 'inferenceLens.selectWeights',
  selectDevice: 'inferenceLens.selectDevice',
  openLastReport: 'inferenceLens.openLastReport',
  doctor: 'inferenceLens.doctor',
  installCuda: 'inferenceLens.installCuda',
  restartServer: 'inferenceLens.restartServer',
  showLog: 'inferenceLens.showLog',
  menu: 'inferenceLens.menu',
} as const;
