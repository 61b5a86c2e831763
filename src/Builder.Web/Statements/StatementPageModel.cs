using Builder.Web.Pages;
using Microsoft.AspNetCore.Html;

namespace Builder.Web.Statements;

public sealed record StatementPageModel(PageLayout PageLayout, HtmlString Text);
