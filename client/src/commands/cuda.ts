/** Installing the runtime's CUDA libraries: asks first, can be cancelled, and shows Doctor again at the end. */
import { window } from 'vscode';
import { installCuda as install, planCuda } from '../../../protocol/requests';
import type { Services } from '../services';
import type { Doctor } from './doctor';
import { showFailure } from './failure';
import { withJob } from './job';
import { t } from '../l10n';

export async function installCuda(services: Services, doctor: Doctor): Promise<void> {
  // Where it cannot be done, the user is told before being asked anything.
  const plan = await services.connection.ask(planCuda, {});
  if (!plan.ok) return showFailure(services, plan.failure);
  const { megabytes, from, folder } = plan.value;
  const detail = t(
    'About {0} MB will be downloaded from {1} to {2}. NVIDIA’s own CUDA and cuDNN are not included: Doctor says whether they are installed.',
    megabytes,
    from,
    folder,
  );
  const agreed = t('Install');
  if (
    (await window.showInformationMessage(
      t('Install the runtime’s CUDA libraries?'),
      { modal: true, detail },
      agreed,
    )) !== agreed
  )
    return;
  if ((await withJob(services, t('Installing CUDA libraries'), install, {})) === undefined) return;
  await doctor.show();
  void window.showInformationMessage(
    t('The CUDA libraries are installed. The next analysis picks its device again.'),
  );
}
