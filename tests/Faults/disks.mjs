// Disks that fill up, and disks whose power is cut. Both need root, as mount does.
import { open, mkdir, rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { run, temporary } from '../actors/server.mjs';

async function must(command, ...args) {
  const { code, err } = await run(command, args, { env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` } });
  if (code !== 0) throw new Error(`${command} ${args.join(' ')}: ${err}`);
}

/** True where nothing can be mounted; the test is then left out, and says so. */
export function cannotMount(t) {
  if (process.getuid() === 0) return false;
  t.skip('only root can mount a disk');
  return true;
}

/** A file system in memory that holds so many megabytes. */
export class SmallDisk {
  static async mount(megabytes) {
    const disk = Object.assign(new SmallDisk(), { path: await temporary('small') });
    await must('mount', '-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', disk.path);
    disk.data = join(disk.path, 'data');
    return disk;
  }

  /** Fills it to the last byte. */
  async fill() {
    const file = await open(join(this.path, 'filler'), 'w');
    try {
      for (const block of [1 << 20, 1 << 12])
        for (;;) if ((await file.write(Buffer.alloc(block))).bytesWritten < block) break;
    } catch (problem) {
      if (problem.code !== 'ENOSPC') throw problem;
      // What is less than a block is left over.
      await file.write(Buffer.alloc(1 << 12)).catch(() => {});
    } finally {
      await file.close();
    }
  }

  free = () => rm(join(this.path, 'filler'));

  async unmount() {
    await must('umount', '-l', this.path);
    await rm(this.path, { recursive: true, force: true });
  }
}

// EXT4_IOC_SHUTDOWN with NOLOGFLUSH: from now on nothing reaches the disk, and what the journal had not yet written is gone.
const shutdown = 'import fcntl,os,struct,sys;fcntl.ioctl(os.open(sys.argv[1],0),0x8004587d,struct.pack("I",2))';

/** An ext4 file system in a file, whose power can be cut. */
export class LoopDisk {
  static async mount(megabytes) {
    const folder = await temporary('loop');
    const disk = Object.assign(new LoopDisk(), { folder, image: join(folder, 'image'), path: join(folder, 'disk') });
    await mkdir(disk.path);
    await must('truncate', '-s', `${megabytes}M`, disk.image);
    await must('mkfs.ext4', '-q', '-F', disk.image);
    await disk.on();
    return disk;
  }

  get data() { return join(this.path, 'data'); }

  async on() {
    await must('mount', '-o', 'loop', this.image, this.path);
    this.mounted = true;
  }

  cut = () => must('/usr/bin/python3', '-c', shutdown, this.path);

  /** Nobody may have a file open on it. */
  async off() {
    await must('umount', this.path);
    this.mounted = false;
  }

  sync = () => must('sync', '-f', this.path);

  async unmount() {
    if (this.mounted) await this.off();
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** Compiles forgetful.c; the environment of a process whose disk confirms what it has not written. */
export async function forgetful(folder) {
  const library = join(folder, 'forgetful.so');
  await must('cc', '-shared', '-fPIC', '-o', library, fileURLToPath(new URL('forgetful.c', import.meta.url)));
  return { LD_PRELOAD: library };
}
