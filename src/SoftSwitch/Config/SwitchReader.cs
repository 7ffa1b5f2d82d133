using SoftSwitch.Config.Rows;
using SoftSwitch.Config.Yaml;
using SoftSwitch.Model;
using SoftSwitch.Text;

namespace SoftSwitch.Config;

/// <summary>Nodes to a <see cref="SwitchConfig"/>: keys and the types of their values, each looked at by itself.</summary>
internal sealed class SwitchReader(MistakeList mistakes)
{
    private static readonly string[] Keys = ["networks", "ports", "workers", "cpus", "poll", "listen", "state"];

    private static readonly ScalarType<int> Workers = Scalars.Integer(1, 64);

    /// <summary>CPU_SETSIZE (sched.h) processors.</summary>
    private static readonly ScalarType<int> Cpu = Scalars.Integer(0, 1023);

    private static readonly ScalarType<PollMode> Poll = Scalars.OneOf<PollMode>(Words.PollModes);

    public SwitchConfig Read(MapNode root)
    {
        var section = new Section(root, "the file", new(1, 1), mistakes);
        section.RefuseOthers(Keys);
        section.Require("networks", "networks: { lan: { mode: internal } }");
        return new()
        {
            Networks = [.. Named(section, "networks", "network", "name: { mode: internal }")
                .Select(entry => NetworkReader.Read(entry.Name, entry.Section))],
            Ports = [.. Named(section, "ports", "port", "name: { network: lan, kind: tap }")
                .Select(entry => PortReader.Read(entry.Name, entry.Section))],
            Workers = section.Value("workers", Workers),
            Cpus = ReadCpus(section),
            Poll = section.Value("poll", Poll),
            Listen = section.Value("listen", HostScalars.Listen),
            State = section.Value("state", HostScalars.Folder),
        };
    }

    /// <summary>The maps under names: <c>networks</c> and <c>ports</c>.</summary>
    private IEnumerable<(Located<string> Name, Section Section)> Named(Section root, string key, string noun, string example)
    {
        if (root.Map(key, $"a map of {key}, such as {example}") is not { } all)
            yield break;
        if (all.Entries.Count == 0 && key == "networks")
            mistakes.Add(all.At, $"'networks' is empty: write a network, such as {example}");
        foreach (var (at, name, value) in all.Entries)
        {
            if (!Scalars.Name.Parse(name, out _))
                mistakes.Add(at, $"{Shown.Quote(name)} is not {Scalars.Name.Expected}");
            var title = $"{noun} {Shown.Quote(name)}";
            if (value is MapNode map)
                yield return (new(name, at), new(map, title, at, mistakes));
            else
                root.WrongShape(name, value, $"a map, such as {example}");
        }
    }

    private List<Located<int>> ReadCpus(Section section)
    {
        List<Located<int>> cpus = [];
        foreach (var node in section.List("cpus", "a list of processor numbers such as [1, 3]")?.Items ?? [])
        {
            if (section.Read("cpus", node, Cpu) is not { } cpu)
                continue;
            if (cpus.Find(other => other.Value == cpu.Value) is { } first)
                mistakes.Add(cpu.At, $"processor {cpu.Value} stands here a second time, the first is at {first.At}: give each worker its own");
            else
                cpus.Add(cpu);
        }
        return cpus;
    }
}
