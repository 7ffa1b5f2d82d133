using SoftSwitch.SystemTests.Peers;

namespace SoftSwitch.SystemTests.Guests;

/// <summary>
/// The order in which modules have to be loaded, from depmod's modules.dep: "kernel/…/virtio_net.ko: kernel/…/net_failover.ko …",
/// what is needed first standing last. What a kernel has built in is not listed and needs no loading.
/// </summary>
internal static class KernelModules
{
    /// <summary>Absolute paths, each after all that it needs.</summary>
    public static IReadOnlyList<string> Ordered(string folder, IEnumerable<string> names)
    {
        var needs = File.ReadLines($"{folder}/modules.dep")
            .Select(line => line.Split(':', 2))
            .ToDictionary(parts => Name(parts[0]),
                parts => (Path: parts[0], Needs: parts[1].Split(' ', StringSplitOptions.RemoveEmptyEntries)));
        var ordered = new List<string>();
        foreach (var name in names)
        {
            if (!needs.TryGetValue(name, out var module))
            {
                Need.Missing($"needs the module {name} in {folder}, which that kernel hasn't: apt-get install linux-image-amd64");
                continue;
            }
            foreach (var path in module.Needs.Reverse().Append(module.Path))
            {
                if (!path.EndsWith(".ko", StringComparison.Ordinal))
                    Need.Missing($"needs uncompressed kernel modules, as in Debian 12; {folder}/{path} isn't");
                if (!ordered.Contains($"{folder}/{path}")) ordered.Add($"{folder}/{path}");
            }
        }
        return ordered;
    }

    private static string Name(string path)
    {
        var file = Path.GetFileName(path);
        return file[..file.IndexOf('.')];
    }
}
