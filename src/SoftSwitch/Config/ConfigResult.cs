using System.Diagnostics.CodeAnalysis;
using SoftSwitch.Config.Yaml;
using SoftSwitch.Model;

namespace SoftSwitch.Config;

/// <summary>What reading a file has given: a model, or every mistake in the file, in its order. Never both, never neither.</summary>
public sealed class ConfigResult
{
    private ConfigResult(SwitchModel? model, IReadOnlyList<ConfigMistake> mistakes) => (Model, Mistakes) = (model, mistakes);

    public SwitchModel? Model { get; }

    public IReadOnlyList<ConfigMistake> Mistakes { get; }

    [MemberNotNullWhen(true, nameof(Model))]
    public bool Ok => Model is not null;

    internal static ConfigResult Of(SwitchModel model) => new(model, []);

    internal static ConfigResult Refused(MistakeList mistakes) => new(null, mistakes.Sorted());
}
