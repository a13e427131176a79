/* Answers of the store as trees. libxml2 reads them without network, DTD, entities or huge texts;
 * the HTTP layer bounds their size. */
#include <libxml/parser.h>
#include <libxml/tree.h>
#include <pthread.h>

#include "destination/s3/s3.h"

/* The library's own types under our names. */
static const xmlNode *
node_of(const S3Element *element)
{
    return (const xmlNode *)(const void *)element;
}

static const xmlNode *
root_of(const S3Document *document)
{
    const xmlDoc *doc = (const xmlDoc *)(const void *)document;

    return xmlDocGetRootElement(doc);
}

S3Document *
s3_document_parse(const HttpAnswer *answer)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    const int options =
        XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_NOCDATA;

    pthread_once(&once, xmlInitParser);
    if (answer->body.size == 0)
        return NULL;
    /* A store that takes its time keeps the connection awake with blanks; XML wants none first. */
    const char *text = (const char *)answer->body.data;
    const char *end = text + answer->body.size;
    while (text < end && (*text == ' ' || *text == '\t' || *text == '\r' || *text == '\n'))
        text++;
    xmlDoc *doc = xmlReadMemory(text, (int)(end - text), NULL, NULL, options);
    if (doc != NULL && (doc->intSubset != NULL || xmlDocGetRootElement(doc) == NULL)) {
        xmlFreeDoc(doc);
        doc = NULL;
    }
    return (S3Document *)doc;
}

void
s3_document_free(S3Document *document)
{
    if (document != NULL)
        xmlFreeDoc((xmlDoc *)document);
}

static bool
is_named(const xmlNode *node, const char *name)
{
    return node->type == XML_ELEMENT_NODE && strcmp((const char *)node->name, name) == 0;
}

bool
s3_document_is(const S3Document *document, const char *root)
{
    return document != NULL && is_named(root_of(document), root);
}

/* The next node of the tree below top, parents first. */
static const xmlNode *
next_node(const xmlNode *node, const xmlNode *top)
{
    if (node->children != NULL && node->type == XML_ELEMENT_NODE)
        return node->children;
    while (node != top && node->next == NULL)
        node = node->parent;
    return node == top ? NULL : node->next;
}

static const xmlNode *
find(const xmlNode *top, const char *name)
{
    for (const xmlNode *node = next_node(top, top); node != NULL; node = next_node(node, top))
        if (is_named(node, name))
            return node;
    return NULL;
}

static bool
copy_text(const xmlNode *node, char *text, size_t size_bytes)
{
    size_t used = 0;

    text[0] = '\0';
    if (node == NULL)
        return false;
    for (const xmlNode *child = node->children; child != NULL; child = child->next) {
        if (child->type != XML_TEXT_NODE || child->content == NULL)
            continue;
        size_t length = strlen((const char *)child->content);
        if (used + length >= size_bytes)
            length = size_bytes - used - 1;
        memcpy(text + used, child->content, length);
        used += length;
        text[used] = '\0';
    }
    return true;
}

bool
s3_document_text(const S3Document *document, const char *name, char *text, size_t size_bytes)
{
    text[0] = '\0';
    return document != NULL && copy_text(find(root_of(document), name), text, size_bytes);
}

bool
s3_document_each(const S3Document *document, const char *name,
                 bool (*visit)(void *context, const S3Element *element), void *context)
{
    const xmlNode *top = root_of(document);

    for (const xmlNode *node = next_node(top, top); node != NULL; node = next_node(node, top))
        if (is_named(node, name) && !visit(context, (const S3Element *)(const void *)node))
            return false;
    return true;
}

bool
s3_element_text(const S3Element *element, const char *name, char *text, size_t size_bytes)
{
    text[0] = '\0';
    return copy_text(find(node_of(element), name), text, size_bytes);
}
