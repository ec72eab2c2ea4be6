/** The help texts: what a user who knows nothing needs, with commands to copy. */

export const help = `Inference Lens: every layer's activation and Grad-CAM heatmap of one image, without Python.

Usage
  inference-lens analyze <image or folder...> [options]   write a report folder for each image
  inference-lens models <command>                         import, list, show, remove, verify or download weights
  inference-lens lens <command>                           how a model wants to be fed, read and named: check, list, show, schema
  inference-lens doctor                                   versions, devices, cache and models of this machine
  inference-lens <command> --help                         this text
  inference-lens --version

Images of analyze
  A file is taken whatever its name. A folder stands for every image in it and in all folders below, sorted by name:
  .png .jpg .jpeg .webp .bmp .gif .tif .tiff .avif .ppm .pgm .pbm .pnm, but nothing hidden, no links to folders, no
  reports. Patterns in quotes are matched as a shell would: 'photos/*/front?.jpg', 'photos/**/*.png'. Of several images
  three are under way at once; lines and reports come in the order given, with the same numbers as one by one.

Options of analyze
  --pipeline <id>       fsbi, sbi or imagenet: what is done to the image before the network sees it, and what its classes are
                        called; without it fsbi for FSBI's own network and the demo, and for no other
  --weights <file|id>   a checkpoint (.tar .pth .pt .zip .safetensors), an .onnx file, or an id of the model store; for one in
                        several parts its index, any part or the folder;
                        without it the weights imported for the pipeline, else untrained demo weights
  --architecture <id>   network that a checkpoint is read as, where its names and shapes fit several, such as
                        timm/tf_efficientnet_b0 or timm/resnetblur50; the report names those that it could be
  --state-dict <name>   of a checkpoint that holds several, such as state_dict_ema or teacher; without it the first of model,
                        state_dict, net, ema and the like, with a warning that names the others
  --target <class>      class whose logit is explained: fake, real, another label, an index, or pred (the predicted one)
  --activation <name>   what makes probabilities of the outputs: softmax, sigmoid, none (they are probabilities), or auto (default:
                        read from the network; the report says how)
  --method <names>      gradcam (default), gradcam++, xgradcam, hirescam, layercam, elementwise; several with commas, or all
  --detector <name>     auto (default), retinaface, blazeface, or none for pictures that are already face crops
  --box <x0,y0,x1,y1>   a face box by hand, in pixels; takes the place of detection
  --crop <mode>         square (1.2 times the face) or sbi (an eighth on each side)
  --max-size <pixels>   longest side that RetinaFace sees; smaller is faster and misses small faces. Without it: the
                        picture's own size, and for RetinaFace MobileNet 640 besides, where large faces are found
  --device <name>       auto (default), cuda, webgpu, directml, coreml or cpu; a named device is taken or refused
  --threads <n>         threads of the processor (default: all cores)
  --memory-limit <MB>   memory that a network may take, estimated before it is run (default: half of what there is)
  -o, --output <dir>    where report folders go (default: ./inference-lens-report)
  --json                one line of JSON for each image on standard output
  -q, --quiet           nothing but errors
  -f, --force           run although the image is larger than 100 megapixels

Models
  import <file> [--as <id>] [--architecture <id>] [--state-dict <name>], download <id>, list, show <id>, verify <id>, remove <id>
  --json                machine-readable lines; list and show go well with it

Lens
  check <lens> [--image <file>]   says what is wrong with a lens, with line and column, or what it makes of its model and a picture
  list                            lenses that are built in
  show <lens>                     the text of one, by name or path
  schema                          JSON schema of *.lens.json, for editors
  --json                          machine-readable lines; check and list

Doctor
  --json                the same as one line of JSON
  --install-cuda        fetches the runtime's CUDA libraries first (Linux on x64; needs the network)

Examples
  inference-lens analyze photo.jpg
  inference-lens analyze photo.jpg --weights best_model.tar --target fake --method gradcam,layercam
  inference-lens analyze crops/*.png --detector none --output out --json
  inference-lens analyze photos/ --target fake --json > results.jsonl
  inference-lens analyze group.jpg --box 173,68,280,174
  inference-lens models import best_model.tar --as fsbi

Exit codes
  0 done   1 a bug of ours   2 usage   3 the image   4 the model   5 the device   6 the output folder   130 cancelled
  Of several images the first failure decides, and an interrupt before it. The others are still analysed, unless none could fare
  better: a wrong option, a model or device that cannot be used, a full disk.
`;
