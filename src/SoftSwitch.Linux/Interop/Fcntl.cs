using System.Runtime.InteropServices;

namespace SoftSwitch.Linux.Interop;

/// <summary>fcntl.h, sys/file.h, unistd.h and linux/stat.h, as far as they are used. The values are those of x86-64 and arm64.</summary>
internal static unsafe class Fcntl
{
    internal const int O_RDONLY = 0;
    internal const int O_WRONLY = 1;
    internal const int O_RDWR = 2;
    internal const int O_CREAT = 0x40;
    internal const int O_EXCL = 0x80;
    internal const int O_NOCTTY = 0x100;
    internal const int O_APPEND = 0x400;
    internal const int O_NONBLOCK = 0x800;
    internal const int O_CLOEXEC = 0x80000;
    internal const int O_PATH = 0x200000;

    /// <summary>One of the few numbers that arm64 has of its own; x86-64's is O_DIRECT there.</summary>
    internal static int O_DIRECTORY => RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 0x4000 : 0x10000;

    /// <summary>Another: x86-64's is O_LARGEFILE there.</summary>
    internal static int O_NOFOLLOW => RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 0x8000 : 0x20000;

    internal const int F_GETFD = 1;
    internal const int F_SETFD = 2;
    internal const int F_SETFL = 4;
    internal const int FD_CLOEXEC = 1;

    internal const int LOCK_EX = 2;
    internal const int LOCK_NB = 4;

    /// <summary>linux/fs.h.</summary>
    internal const uint RENAME_NOREPLACE = 1;

    internal const int F_OK = 0;
    internal const int W_OK = 2;
    internal const int X_OK = 1;

    /// <summary>linux/magic.h.</summary>
    internal const long PROC_SUPER_MAGIC = 0x9fa0;
    internal const long NSFS_MAGIC = 0x6e736673;

    internal const int AT_FDCWD = -100;
    internal const int AT_SYMLINK_NOFOLLOW = 0x100;
    internal const int AT_EMPTY_PATH = 0x1000;
    internal const uint STATX_BASIC_STATS = 0x7ff;
    internal const uint STATX_INO = 0x100;
    internal const int S_IFMT = 0xF000;
    internal const int S_IFDIR = 0x4000;
    internal const int S_IFREG = 0x8000;
    internal const int S_IFLNK = 0xA000;
    internal const int S_IFSOCK = 0xC000;
    internal const int S_IWGRP = 0x10;
    internal const int S_IWOTH = 0x2;
    internal const int S_ISVTX = 0x200;

    [StructLayout(LayoutKind.Sequential, Size = 256)]
    internal struct statx
    {
        public uint stx_mask;
        public uint stx_blksize;
        public ulong stx_attributes;
        public uint stx_nlink;
        public uint stx_uid;
        public uint stx_gid;
        public ushort stx_mode;
        private ushort __spare0;
        public ulong stx_ino;
        public ulong stx_size;
        public ulong stx_blocks;
        public ulong stx_attributes_mask;
        private fixed byte times[64];
        public uint stx_rdev_major;
        public uint stx_rdev_minor;
        public uint stx_dev_major;
        public uint stx_dev_minor;
    }
}
